import type { Asked } from './ask-page.ts'
import { percentile } from './gateway/percentile.ts'

/** From requests to whole first pages, through the gateway. */
export interface WakeTimes {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly firstMs: number
  readonly lastMs: number
  /** What the whole machine spent on each, the sleeps in between left out. */
  readonly cpuMsPerWake: number
  /** Requests that got something else than their page, by what it was. */
  readonly failures: Readonly<Record<string, number>>
}

export function wakeTimesOf(asked: readonly Asked[], cpuMs: number): WakeTimes {
  const times = asked.filter(({ how }) => how === '200').map(({ ms }) => ms)
  return {
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    firstMs: percentile(times, 0),
    lastMs: percentile(times, 1),
    cpuMsPerWake: cpuMs / asked.length,
    failures: countBy(asked.map(({ how }) => how).filter((how) => how !== '200')),
  }
}

export function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}
