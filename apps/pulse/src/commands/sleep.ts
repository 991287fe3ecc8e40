import { askAnnotations } from '@pulse/api'
import type { Command } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import type { Progress } from '../terminal/progress.ts'
import type { CommandContext } from './context.ts'
import { pollUntil } from './poll-until.ts'
import { newestRefusal } from './refused-sleep-events.ts'
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
  readonly force?: boolean
}

/** The gateway forgets an order after a minute: it is given anew for as long as somebody waits for it. */
const orderAgainMs = 30_000

/** `pulse sleep NAME`: without waiting for its idle time; what is under way ends first. */
export function addSleep(program: Command, context: CommandContext) {
  const command = program
    .command('sleep <name>')
    .description('put a tenant to sleep and wait until nothing of it runs, or say why it does not')
    .option('--force', 'also when it is to be kept awake: that is taken back')
  addSteeringOptions(command, '1m')
    .addHelpText(
      'after',
      `
Examples:
  pulse sleep acme
  pulse sleep acme-test --timeout 5m
  pulse sleep acme --no-wait -o json`,
    )
    .action(steer<Flags>(context, (subject, flags) => putToSleep(subject, flags, context)))
}

async function putToSleep(
  subject: Subject,
  { force, wait, timeout }: Flags,
  { err, signal, hint }: CommandContext,
): Promise<'asleep' | 'falling asleep'> {
  const { cluster, found, name } = subject
  const standing = await readStanding(cluster, found, Date.now())
  const reason = standing && whyNever(standing, { force, hint, name })
  if (reason !== undefined) throw new CommandError(`${name} does not sleep: ${reason}`)
  if (force) await takeBackKeeping(subject)

  if (!wait) await order(subject, new Date())
  const words = {
    told: `${name} is told to sleep`,
    doing: `putting ${name} to sleep`,
    done: `${name} is asleep: nothing of it runs`,
    failed: `${name} is not asleep`,
    goesOn: `${name} may still fall asleep, within a minute; ${hint(`wake ${name}`)} takes that back`,
  }
  const waiting = (progress: Progress) =>
    sleepOrTakeBack(subject, { progress, timeoutMs: timeout, signal })
  await showWait(err, words, wait ? waiting : undefined)
  return wait ? 'asleep' : 'falling asleep'
}

interface Wait {
  readonly progress: Progress
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Nobody wants to find it asleep later, having been told that it is not. */
async function sleepOrTakeBack(subject: Subject, wait: Wait) {
  try {
    await untilAsleep(subject, wait)
  } catch (error) {
    if (isLate(error)) await order(subject, undefined)
    throw error
  }
}

interface Circumstances extends Pick<CommandContext, 'hint'> {
  readonly force: boolean | undefined
  readonly name: string
}

/** Why an order would come to nothing, if it would. */
export function whyNever(
  { hosting, odooVersion, sleepEnabled, isPaused, awakeUntil }: Standing,
  { force = false, hint, name }: Circumstances,
): string | undefined {
  if (hosting === 'pool') {
    return `the pool of Odoo ${odooVersion} serves it together with others; only one with hosting "instance" does`
  }
  if (isPaused !== undefined) return undefined
  if (!sleepEnabled) return 'sleeping is switched off for it (spec.sleep.enabled: false)'
  if (awakeUntil === undefined || force) return undefined
  const until = new Date(awakeUntil).toISOString()
  return `it is kept awake until ${until}; to put it to sleep all the same: ${hint(`sleep ${name} --force`)}`
}

async function untilAsleep(subject: Subject, { progress, ...limits }: Wait) {
  const { cluster, found, name } = subject
  const from = Date.now()
  let orderedAt = 0
  let words = 'the gateway is told'
  await pollUntil(
    async () => {
      const standing = await readStanding(cluster, found, Date.now())
      if (standing === undefined) throw new CommandError(`${name} was deleted meanwhile`)
      if (standing.wanted === 'down' && standing.processes === 0) return standing
      if (standing.wanted !== 'down' && Date.now() > orderedAt + orderAgainMs) {
        orderedAt = Date.now()
        await order(subject, new Date(orderedAt))
      }
      words = fallingWords(standing) ?? (await newestRefusal(cluster, found, from)) ?? words
      progress.step(`putting ${name} to sleep: ${words}`)
      return undefined
    },
    { ...limits, lateWords: () => `${name} did not fall asleep in time: ${words}` },
  )
}

function fallingWords({ wanted, processes }: Standing): string | undefined {
  if (wanted === 'down') return `its process is ending${processes > 1 ? `, ${processes} left` : ''}`
  return wanted === 'draining' ? 'nothing new is let in' : undefined
}

const fieldManager = 'pulse-sleep'

/** Tells the gateway, or takes it back. */
async function order({ cluster, found }: Subject, at: Date | undefined) {
  const annotations = { [askAnnotations.sleepAt]: at?.toISOString() ?? null }
  const ref = { kind: 'TenantEnvironment', name: found.name }
  await annotate(cluster, ref, { annotations, fieldManager })
}

async function takeBackKeeping({ cluster, found }: Subject) {
  const orders = { annotations: { [askAnnotations.awakeUntil]: null }, fieldManager }
  await annotate(cluster, { kind: 'TenantEnvironment', name: found.name }, orders)
  if (found.name !== `${found.client}-prod`) return
  await annotate(cluster, { kind: 'PLANAClient', name: found.client }, orders)
}

function isLate(error: unknown): boolean {
  return error instanceof CommandError && error.exitCode === exitCodes.timeout
}
