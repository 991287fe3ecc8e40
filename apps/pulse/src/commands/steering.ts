import { apiVersion } from '@pulse/api'
import type { Command } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import { createProgress, type Progress, type Terminal } from '../terminal/progress.ts'
import type { Cluster, CommandContext, GlobalFlags } from './context.ts'
import { timeoutOption } from './duration.ts'
import { type OutputFlags, outputOption } from './output-option.ts'
import { type FoundEnvironment, findEnvironment } from './standing.ts'
import { withCluster } from './with-cluster.ts'

/** Flags of every command that changes how a tenant is served, and waits until it is so. */
export interface SteeringFlags extends GlobalFlags, OutputFlags {
  readonly wait: boolean
  /** In milliseconds. */
  readonly timeout: number
}

export function addSteeringOptions(command: Command, usualTimeout?: string): Command {
  return command
    .option('--no-wait', 'return at once')
    .addOption(timeoutOption(usualTimeout))
    .addOption(outputOption())
}

/** The environment that a command is about. */
export interface Subject {
  readonly cluster: Cluster
  readonly found: FoundEnvironment
  /** As it was typed. */
  readonly name: string
}

/** Carries a command out on the environment that its argument names, and prints what it does afterwards. */
export function steer<Flags extends SteeringFlags>(
  context: CommandContext,
  work: (subject: Subject, flags: Flags) => Promise<string>,
) {
  return (name: string, _flags: Flags, command: Command) =>
    withCluster<Flags>(context, command, async (cluster, flags) => {
      const found = await findEnvironment(cluster, name)
      const state = await work({ cluster, found, name }, flags)
      if (flags.output !== 'json') return
      context.out.write(`${JSON.stringify({ environment: found.name, state })}\n`)
    })
}

export interface SteeringWords {
  /** Where nobody waits. */
  readonly told: string
  readonly doing: string
  readonly done: string
  readonly failed: string
  /** What comes of the order once nobody waits for it any more. */
  readonly goesOn: string
}

/** Shows a wait from its beginning to its end; undefined: what was told already is all. */
export async function showWait(
  terminal: Terminal,
  { told, doing, done, failed, goesOn }: SteeringWords,
  wait: ((progress: Progress) => Promise<unknown>) | undefined,
) {
  const progress = createProgress(terminal)
  if (wait === undefined) return progress.note(told)
  progress.step(doing)
  try {
    await wait(progress)
  } catch (error) {
    progress.failed(failed)
    if (!isInterrupted(error)) throw error
    throw new CommandError(`interrupted: ${goesOn}`, exitCodes.interrupted, { cause: error })
  }
  progress.done(done)
}

function isInterrupted(error: unknown): boolean {
  return error instanceof CommandError && error.exitCode === exitCodes.interrupted
}

/** Writes orders for the gateway, or takes them back (null). */
export async function annotate(
  cluster: Cluster,
  ref: { readonly kind: string; readonly name: string },
  orders: {
    readonly annotations: Readonly<Record<string, string | null>>
    readonly fieldManager: string
  },
) {
  const { annotations, fieldManager } = orders
  const patch = { metadata: { annotations } }
  await cluster.patch({ apiVersion, ...ref }, { type: 'merge', patch }, { fieldManager })
}
