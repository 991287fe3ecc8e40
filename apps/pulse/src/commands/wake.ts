import { askAnnotations } from '@pulse/api'
import type { Command } from 'commander'
import { CommandError } from '../exit.ts'
import type { Progress } from '../terminal/progress.ts'
import type { CommandContext } from './context.ts'
import { type Keep, keepOption, keepWords } from './keep-option.ts'
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
  readonly keep?: Keep
}

/** `pulse wake NAME`: as its first visitor would, and nobody has to wait. */
export function addWake(program: Command, context: CommandContext) {
  const command = program
    .command('wake <name>')
    .description('wake a tenant and wait until it can be served')
    .addOption(keepOption())
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
  if (standing?.unusable !== undefined) throw cannotWake(name, standing.unusable)
  const until = keep && new Date(Date.now() + keep.milliseconds)
  const annotations = {
    [askAnnotations.wakeAt]: new Date().toISOString(),
    ...(until !== undefined && { [askAnnotations.awakeUntil]: until.toISOString() }),
  }
  const ref = { kind: 'TenantEnvironment', name: found.name }
  await annotate(cluster, ref, { annotations, fieldManager: 'pulse-wake' })
  // A pool does not sleep: nothing is kept there, and the API has said so.
  const isKept = keep !== undefined && until !== undefined && standing?.hosting === 'instance'
  const kept = isKept ? `, and kept so until ${keepWords(keep, until)}` : ''
  const words = {
    told: `${name} is told to wake${kept}`,
    doing: `waking ${name}`,
    done: `${name} is awake${kept}`,
    failed: `${name} is not awake`,
    goesOn: `${name} goes on waking`,
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
      if (last.unusable !== undefined) throw cannotWake(name, last.unusable)
      if (last.isServed && last.wanted === 'up' && last.unmade === undefined) return last
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

function cannotWake(name: string, why: string): CommandError {
  return new CommandError(`${name} cannot be woken: ${why}`)
}

/** What stands between now and its first page. */
function wakingWords({ wanted, processes, trouble, unmade }: Standing): string {
  if (unmade !== undefined) return `it is being made: ${unmade}`
  if (trouble !== undefined) return trouble
  if (wanted === 'down' && processes > 0) return 'the process from before is still ending'
  if (wanted !== 'up') return 'the gateway has not answered yet'
  return processes === 0 ? 'its process is being started' : 'its process starts'
}
