import type { KubeObject, ObjectRef } from '@pulse/api'
import { type Command, Option } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import { createProgress } from '../terminal/progress.ts'
import { conditionsOf, findCondition } from './conditions.ts'
import type { CommandContext } from './context.ts'
import { timeoutOption } from './duration.ts'
import { notFound } from './not-found.ts'
import { type OutputFlags, outputOption } from './output-option.ts'
import { jsonOf } from './print.ts'
import { waitUntil, waitUntilGone } from './wait-until.ts'
import { type NamedResource, type ResourceFlags, withResources } from './with-resources.ts'

interface Flags extends ResourceFlags, OutputFlags {
  readonly for: Goal
  /** In milliseconds. */
  readonly timeout: number
}

/** `pulse wait TYPE NAME --for=…`. */
export function addWait(program: Command, context: CommandContext) {
  program
    .command('wait <type> [names...]')
    .description('wait until resources are as wanted')
    .addOption(
      new Option('--for <what>', 'condition=TYPE, condition=TYPE=STATUS, or delete')
        .argParser(parseGoal)
        .default(parseGoal('condition=Ready'), 'condition=Ready'),
    )
    .option('-n, --namespace <name>', 'namespace of namespaced resources')
    .addOption(timeoutOption())
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
      await withResources<Flags, KubeObject | ObjectRef>(
        context,
        { command, words },
        {
          each: (resource) => waitForOne(resource, context),
          show(found) {
            if (output === 'json') context.out.write(`${jsonOf(found)}\n`)
          },
        },
      )
    })
}

/** The object as it was when it was as wanted; of a deleted one only the name is left. */
async function waitForOne(
  { cluster, kind, ref, label, flags }: NamedResource<Flags>,
  { err, signal }: CommandContext,
): Promise<KubeObject | ObjectRef> {
  const progress = createProgress(err)
  const limits = { timeoutMs: flags.timeout, signal }
  const { text, condition: wanted } = flags.for
  progress.step(`${label}: waiting for ${text}`)
  let seen: KubeObject | undefined
  try {
    if (wanted === undefined) await waitUntilGone(cluster, ref, limits)
    else {
      const holds = (object: KubeObject | undefined) => {
        if (object === undefined) throw notFound(kind, ref.name)
        seen = object
        const condition = findCondition(object, wanted.type)
        if (condition?.message) progress.step(`${label}: ${condition.message}`)
        return condition?.status === wanted.status
      }
      await waitUntil(cluster, ref, { ...limits, holds })
    }
  } catch (error) {
    progress.failed(`${label}: ${text} not met`)
    throw wanted ? withKnownConditions(error, seen, wanted.type) : error
  }
  progress.done(`${label}: ${text} met`)
  return seen ?? ref
}

/** Whoever waits in vain for a condition that is none of the object's is told which it has. */
function withKnownConditions(error: unknown, seen: KubeObject | undefined, type: string): unknown {
  const types = conditionsOf(seen).map((condition) => condition.type)
  if (!(error instanceof CommandError) || error.exitCode !== exitCodes.timeout) return error
  if (types.some((known) => known.toLowerCase() === type.toLowerCase())) return error
  const known = types.length > 0 ? `it has ${types.join(', ')}` : 'it has none'
  return new CommandError(`${error.message}: no condition "${type}"; ${known}`, error.exitCode, {
    cause: error,
  })
}

/** What is waited for; no condition means that the object is gone. */
interface Goal {
  readonly text: string
  readonly condition?: { readonly type: string; readonly status: string }
}

function parseGoal(text: string): Goal {
  if (text === 'delete') return { text }
  const match = /^condition=([A-Za-z.]+)(?:=(True|False|Unknown))?$/i.exec(text)
  if (!match?.[1]) {
    throw new CommandError(
      `--for=${text}: write condition=TYPE, condition=TYPE=STATUS or delete`,
      exitCodes.usage,
    )
  }
  const status = match[2] ?? 'True'
  return {
    text,
    condition: {
      type: match[1],
      status: `${status[0]?.toUpperCase()}${status.slice(1).toLowerCase()}`,
    },
  }
}
