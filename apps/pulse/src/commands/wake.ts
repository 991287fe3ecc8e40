import { apiVersion, askAnnotations } from '@pulse/api'
import { type Command, Option } from 'commander'
import { CommandError } from '../exit.ts'
import { createProgress, type Progress } from '../terminal/progress.ts'
import type { Cluster, CommandContext, GlobalFlags } from './context.ts'
import { parseDuration, timeoutOption } from './duration.ts'
import { type OutputFlags, outputOption } from './output-option.ts'
import { pollUntil } from './poll-until.ts'
import { type FoundEnvironment, findEnvironment, readStanding, type Standing } from './standing.ts'
import { withCluster } from './with-cluster.ts'

interface Flags extends GlobalFlags, OutputFlags {
  readonly wait: boolean
  /** In milliseconds. */
  readonly timeout: number
  /** In milliseconds. */
  readonly keep?: number
}

/** `pulse wake NAME`: as its first visitor would, and nobody has to wait. */
export function addWake(program: Command, context: CommandContext) {
  program
    .command('wake <name>')
    .description('wake a tenant and wait until it can be served')
    .addOption(
      new Option('--keep <duration>', 'also keep it awake for so long').argParser(parseDuration),
    )
    .option('--no-wait', 'return at once')
    .addOption(timeoutOption())
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
Examples:
  pulse wake acme
  pulse wake acme-test --keep 2h
  pulse wake acme --no-wait -o json`,
    )
    .action(async (name: string, _flags: Flags, command: Command) => {
      await withCluster<Flags>(context, command, async (cluster, flags) => {
        const found = await findEnvironment(cluster, name)
        const state = await wake({ cluster, found, name }, flags, context)
        if (flags.output !== 'json') return
        context.out.write(`${JSON.stringify({ environment: found.name, state })}\n`)
      })
    })
}

interface Subject {
  readonly cluster: Cluster
  readonly found: FoundEnvironment
  /** As it was typed. */
  readonly name: string
}

async function wake(
  { cluster, found, name }: Subject,
  { keep, wait, timeout }: Flags,
  { err, signal, hint }: CommandContext,
): Promise<'awake' | 'waking'> {
  const standing = await readStanding(cluster, found, Date.now())
  if (standing?.isPaused !== undefined) {
    throw new CommandError(`${name} is ${standing.isPaused}: ${hint(`resume ${found.client}`)}`)
  }
  const annotations = {
    [askAnnotations.wakeAt]: new Date().toISOString(),
    ...(keep !== undefined && {
      [askAnnotations.awakeUntil]: new Date(Date.now() + keep).toISOString(),
    }),
  }
  const ref = { apiVersion, kind: 'TenantEnvironment', name: found.name }
  const patch = { metadata: { annotations } }
  await cluster.patch(ref, { type: 'merge', patch }, { fieldManager: 'pulse-wake' })
  const progress = createProgress(err)
  if (!wait) {
    progress.note(`${name} is told to wake`)
    return 'waking'
  }
  progress.step(`waking ${name}`)
  try {
    await untilServed({ cluster, found, name }, { progress, timeoutMs: timeout, signal })
  } catch (error) {
    progress.failed(`${name} is not awake`)
    throw error
  }
  progress.done(`${name} is awake`)
  return 'awake'
}

async function untilServed(
  { cluster, found, name }: Subject,
  {
    progress,
    ...limits
  }: { readonly progress: Progress; readonly timeoutMs: number; readonly signal: AbortSignal },
) {
  let last: Standing | undefined
  await pollUntil(
    async () => {
      last = await readStanding(cluster, found, Date.now())
      if (last === undefined) throw new CommandError(`${name} was deleted meanwhile`)
      if (last.isServed && last.wanted === 'up') return last
      progress.step(`waking ${name}: ${wakingWords(last)}`)
      return undefined
    },
    {
      ...limits,
      lateWords: () =>
        `${name} did not wake in time: ${last === undefined ? 'nothing is known of it' : wakingWords(last)}`,
    },
  )
}

/** What stands between now and its first page. */
function wakingWords({ wanted, processes, trouble }: Standing): string {
  if (trouble !== undefined) return trouble
  if (wanted === 'down' && processes > 0) return 'the process from before is still ending'
  if (wanted !== 'up') return 'the gateway has not answered yet'
  return processes === 0 ? 'its process is being started' : 'its process starts'
}
