import type { KubeObject, ObjectRef } from '@pulse/api'
import type { Command } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import { createProgress } from '../terminal/progress.ts'
import { findCondition } from './conditions.ts'
import type { CommandContext } from './context.ts'
import { parseDuration } from './duration.ts'
import { type OutputFlags, outputOption } from './output-option.ts'
import { jsonOf } from './print.ts'
import { waitUntil, waitUntilGone } from './wait-until.ts'
import { type NamedResource, type ResourceFlags, withResources } from './with-resources.ts'

interface Flags extends ResourceFlags, OutputFlags {
  readonly for: string
  readonly timeout: string
}

/** `pulse wait TYPE NAME --for=…`. */
export function addWait(program: Command, context: CommandContext) {
  program
    .command('wait <type> [names...]')
    .description('wait until resources are as wanted')
    .option('--for <what>', 'condition=TYPE, condition=TYPE=STATUS, or delete', 'condition=Ready')
    .option('-n, --namespace <name>', 'namespace of namespaced resources')
    .option('--timeout <duration>', 'how long to wait', '5m')
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
Examples:
  pulse wait planaclient acme
  pulse wait planaclient/acme -o json
  pulse wait planaclient acme --for=delete --timeout=1m

Exit code 3 when the time is over.`,
    )
    .action(async (type: string, names: string[], { output }: Flags, command: Command) => {
      const words = [type, ...names]
      const found = await withResources<Flags, KubeObject | ObjectRef>(
        context,
        { command, words },
        (resource) => waitForOne(resource, context),
      )
      if (output === 'json') context.out.write(`${jsonOf(found)}\n`)
    })
}

/** The object as it was when it was as wanted; of a deleted one only the name is left. */
async function waitForOne(
  { cluster, ref, label, flags }: NamedResource<Flags>,
  { err, signal }: CommandContext,
): Promise<KubeObject | ObjectRef> {
  const progress = createProgress(err)
  const limits = { timeoutMs: parseDuration(flags.timeout), signal }
  progress.step(`${label}: waiting for ${flags.for}`)
  let seen: KubeObject | undefined
  if (flags.for === 'delete') await waitUntilGone(cluster, ref, limits)
  else {
    const [type, status] = conditionOf(flags.for)
    const holds = (object: KubeObject | undefined) => {
      const condition = findCondition(object, type)
      if (condition?.message) progress.step(`${label}: ${condition.message}`)
      return condition?.status === status
    }
    seen = await waitUntil(cluster, ref, { ...limits, holds })
  }
  progress.done(`${label}: ${flags.for} met`)
  return seen ?? ref
}

function conditionOf(text: string): readonly [type: string, status: string] {
  const match = /^condition=([A-Za-z.]+)(?:=(True|False|Unknown))?$/i.exec(text)
  if (!match?.[1]) {
    throw new CommandError(
      `--for=${text}: write condition=TYPE, condition=TYPE=STATUS or delete`,
      exitCodes.usage,
    )
  }
  const status = match[2] ?? 'True'
  return [match[1], `${status[0]?.toUpperCase()}${status.slice(1).toLowerCase()}`]
}
