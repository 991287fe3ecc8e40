import { askAnnotations } from '@pulse/api'
import { type Command, Option } from 'commander'
import { CommandError } from '../exit.ts'
import type { Progress } from '../terminal/progress.ts'
import type { CommandContext } from './context.ts'
import { parseDuration } from './duration.ts'
import { pollUntil } from './poll-until.ts'
import { readStanding, type Standing } from './standing.ts'
import {
  addSteeringOptions,
  annotate,
  type SteeringFlags,
  type Subject,
  showWait,
  steer,
} from './steering.ts'

interface Flags extends SteeringFlags {
  /** In milliseconds. */
  readonly keep?: number
}

/** `pulse wake NAME`: as its first visitor would, and nobody has to wait. */
export function addWake(program: Command, context: CommandContext) {
  const command = program
    .command('wake <name>')
    .description('wake a tenant and wait until it can be served')
    .addOption(
      new Option('--keep <duration>', 'also keep it awake for so long').argParser(parseDuration),
    )
  addSteeringOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  pulse wake acme
  pulse wake acme-test --keep 2h
  pulse wake acme --no-wait -o json`,
    )
    .action(steer<Flags>(context, (subject, flags) => wake(subject, flags, context)))
}

async function wake(
  subject: Subject,
  { keep, wait, timeout }: Flags,
  { err, signal, hint }: CommandContext,
): Promise<'awake' | 'waking'> {
  const { cluster, found, name } = subject
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
  const ref = { kind: 'TenantEnvironment', name: found.name }
  await annotate(cluster, ref, { annotations, fieldManager: 'pulse-wake' })
  const words = {
    told: `${name} is told to wake`,
    doing: `waking ${name}`,
    done: `${name} is awake`,
    failed: `${name} is not awake`,
  }
  const waiting = (progress: Progress) =>
    untilServed(subject, { progress, timeoutMs: timeout, signal })
  await showWait(err, words, wait ? waiting : undefined)
  return wait ? 'awake' : 'waking'
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
