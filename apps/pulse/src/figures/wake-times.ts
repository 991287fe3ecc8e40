import { percentile, type WakeFacts } from '@pulse/gateway'
import { durationsMax, type SavedEnvironment } from './saved-figures.ts'

/** The last wakes of one environment: how long each took, and from which temperature. */
export type LastWakes = Pick<SavedEnvironment, 'last' | 'from'>

export interface WakeTimes {
  readonly count: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export function addWake(
  { last, from }: LastWakes,
  { durationMs, temperature }: Pick<WakeFacts, 'durationMs' | 'temperature'>,
): LastWakes {
  return {
    last: [...last, Math.round(durationMs)].slice(-durationsMax),
    from: [...temperaturesOf({ last, from }), temperature].slice(-durationsMax),
  }
}

export function wakeTimesOf({ last }: LastWakes): WakeTimes | undefined {
  if (last.length === 0) return undefined
  return { count: last.length, p50Ms: percentile(last, 0.5), p99Ms: percentile(last, 0.99) }
}

/** The same for each temperature that there was. */
export function wakeTimesByTemperature(wakes: LastWakes): Readonly<Record<string, WakeTimes>> {
  const temperatures = temperaturesOf(wakes)
  const times = [...new Set(temperatures)].flatMap((one) => {
    const last = wakes.last.filter((_, index) => temperatures[index] === one)
    const found = wakeTimesOf({ last })
    return found === undefined ? [] : [[one, found] as const]
  })
  return Object.fromEntries(times)
}

/** Before temperatures were told, everything was saved without one: it counts as the slowest. */
function temperaturesOf({ last, from = [] }: LastWakes): readonly string[] {
  return last.map((_, index) => from[index - last.length + from.length] ?? 'cold')
}
