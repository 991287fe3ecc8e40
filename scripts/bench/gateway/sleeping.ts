import { setTimeout as delay } from 'node:timers/promises'
import { markdownTable } from '../markdown-table.ts'
import { type Asked, askOnce } from './one-request.ts'
import { median, percentile } from './percentile.ts'
import type { Sleeper, StartedSleeper } from './sleepers.ts'

export interface SleepingOptions {
  readonly program: string
  readonly directory: string
  readonly bursts: number
  readonly sleeps: number
}

/** What becomes of requests at a backend that sleeps; undefined where it could not be measured. */
export interface SleepingFigures {
  readonly name: string
  readonly version: string | undefined
  readonly bursts?: BurstFigures
  readonly sleeps?: SleepFigures
}

export interface BurstFigures {
  readonly sent: number
  readonly lost: number
  /** Until the first answer of a burst, in milliseconds. */
  readonly firstP50: number
  readonly firstMax: number
  /** Until the last one. */
  readonly lastP50: number
}

export interface SleepFigures {
  readonly sleeps: number
  readonly sent: number
  readonly lost: number
  readonly p50: number
  readonly max: number
}

const burstSize = 20
const requestsPerSecond = 50

export async function measureSleeping(
  sleeper: Sleeper,
  options: SleepingOptions,
): Promise<SleepingFigures> {
  const { name, version } = sleeper
  if (version === undefined) return { name, version }
  const bursts = await measureBursts(sleeper, options)
  await using started = await sleeper.start(options.program, options.directory)
  const { sleep } = started
  if (sleep === undefined) return { name, version, bursts }
  await askOnce(started)
  return { name, version, bursts, sleeps: await measureSleeps(started, sleep, options.sleeps) }
}

/** So many at once at one that sleeps, again and again. */
async function measureBursts(
  { start }: Sleeper,
  { program, directory, bursts }: SleepingOptions,
): Promise<BurstFigures> {
  const rounds: (readonly Asked[])[] = []
  let kept: StartedSleeper | undefined
  try {
    while (rounds.length < bursts) {
      // What never stops its backend is started anew for each burst.
      kept ??= await start(program, directory)
      await kept.sleep?.()
      const { port, host } = kept
      rounds.push(
        await Promise.all(Array.from({ length: burstSize }, () => askOnce({ port, host }))),
      )
      if (kept.sleep !== undefined) continue
      await kept[Symbol.asyncDispose]()
      kept = undefined
    }
  } finally {
    await kept?.[Symbol.asyncDispose]()
  }
  const answered = rounds.map((round) =>
    round.filter(isServed).map(({ milliseconds }) => milliseconds),
  )
  const firsts = answered.map((times) => Math.min(...times)).filter(Number.isFinite)
  return {
    sent: rounds.flat().length,
    lost: rounds.flat().filter((asked) => !isServed(asked)).length,
    firstP50: median(firsts),
    firstMax: Math.max(...firsts),
    lastP50: median(answered.map((times) => Math.max(...times)).filter(Number.isFinite)),
  }
}

/** A steady stream of requests while it is sent to sleep so many times. */
async function measureSleeps(
  { port, host }: StartedSleeper,
  sleep: () => Promise<void>,
  sleeps: number,
): Promise<SleepFigures> {
  const asked: Promise<Asked>[] = []
  const timer = setInterval(() => asked.push(askOnce({ port, host })), 1000 / requestsPerSecond)
  try {
    for (let count = 0; count < sleeps; count += 1) {
      await sleep()
      // The stream wakes it; at another moment each time.
      await delay(100 + Math.random() * 50)
    }
  } finally {
    clearInterval(timer)
  }
  const answers = await Promise.all(asked)
  const times = answers.filter(isServed).map(({ milliseconds }) => milliseconds)
  return {
    sleeps,
    sent: answers.length,
    lost: answers.filter((answer) => !isServed(answer)).length,
    p50: percentile(times, 0.5),
    max: percentile(times, 1),
  }
}

function isServed({ status }: Asked): boolean {
  return status === 200
}

export function renderSleeping(rows: readonly SleepingFigures[]): string {
  const lines = rows.map(({ name, version, bursts, sleeps }) => [
    `${name} ${version ?? '(not installed)'}`,
    bursts ? `${bursts.lost} of ${bursts.sent}` : '–',
    bursts ? `${bursts.firstP50.toFixed(0)} / ${bursts.firstMax.toFixed(0)}` : '–',
    bursts ? bursts.lastP50.toFixed(0) : '–',
    sleeps ? `${sleeps.lost} of ${sleeps.sent} in ${sleeps.sleeps} sleeps` : '–',
    sleeps ? `${sleeps.p50.toFixed(1)} / ${sleeps.max.toFixed(0)}` : '–',
  ])
  const head = [
    'wakes a small backend',
    `lost in bursts of ${burstSize}`,
    'first answer ms p50 / max',
    'last answer ms p50',
    `lost at ${requestsPerSecond} rps`,
    'their ms p50 / max',
  ]
  return markdownTable(head, lines)
}
