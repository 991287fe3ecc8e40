import type { KubeObject, ObjectRef } from '@pulse/api'
import { type Command, Option } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import { createProgress } from '../terminal/progress.ts'
import type { CommandContext } from './context.ts'
import { timeoutOption } from './duration.ts'
import { notFound } from './not-found.ts'
import { type OutputFlags, outputOption } from './output-option.ts'
import { jsonOf } from './print.ts'
import { type Goal, parseGoal } from './wait-goal.ts'
import { waitUntil } from './wait-until.ts'
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
      new Option(
        '--for <what>',
        "condition=TYPE, condition=TYPE=STATUS, jsonpath='{.PATH}'=VALUE, create or delete",
      )
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
  pulse wait planaclient acme --for=create
  pulse wait planaclient acme --for=jsonpath='{.status.url}'

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
  const goal = flags.for
  progress.step(`${label}: waiting for ${goal.text}`)
  let seen: KubeObject | undefined
  const holds = (object: KubeObject | undefined) => {
    seen = object
    if (object === undefined) {
      if (goal.absence === 'refused') throw notFound(kind, ref.name)
      return goal.absence === 'wanted'
    }
    const words = goal.progressOf?.(object)
    if (words) progress.step(`${label}: ${words}`)
    const never = goal.whyNever?.(object)
    if (never !== undefined) throw new CommandError(`${label}: ${never}`)
    return goal.holds(object)
  }
  try {
    const found = await waitUntil(cluster, ref, { timeoutMs: flags.timeout, signal, holds })
    progress.done(`${label}: ${goal.text} met`)
    return found ?? ref
  } catch (error) {
    progress.failed(`${label}: ${goal.text} not met`)
    const why = goal.whyNot?.(seen)
    const isOver = error instanceof CommandError && error.exitCode === exitCodes.timeout
    if (!isOver || why === undefined) throw error
    throw new CommandError(`${error.message}: ${why}`, error.exitCode, { cause: error })
  }
}
