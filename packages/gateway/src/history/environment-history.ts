import type { WakeTemperature } from '../life/wake-facts.ts'
import { percentile } from './percentile.ts'
import { type SavedHistory, type Wake, wakesMax } from './saved-history.ts'

/** What one environment's past says about its next wake and its next pause. Bounded, whatever happens. */
export interface EnvironmentHistory {
  /** A user's doing, at epoch milliseconds: counts in its hour of the week, and ends the pause before it. */
  countActivity(atMs: number): void
  addWake(wake: Wake): void
  /** Of the remembered wakes, or of those from one temperature. */
  wakeTimes(temperature?: WakeTemperature): WakeTimes | undefined
  /** Oldest first. */
  readonly wakes: readonly Wake[]
  /** Requests of each hour of the week in UTC, Monday 0–1 first; weeks gone by count half of the one after. */
  readonly perHourOfWeek: readonly number[]
  /** Pauses between activities: entry n counts those of 2ⁿ⁻¹ to 2ⁿ seconds, the first those under one. */
  readonly pauses: readonly number[]
  save(): SavedHistory
}

/** How long wakes took. */
export interface WakeTimes {
  readonly count: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Monday 0–1 in UTC is the first. */
export const hoursOfWeek = 168
/** The last holds all pauses over 2²² seconds, which are 48 days. */
export const pauseBuckets = 24

/** A new one, or one that goes on from what was saved. */
export function createEnvironmentHistory(saved?: SavedHistory): EnvironmentHistory {
  const hours = Uint32Array.from(saved?.hours ?? Array<number>(hoursOfWeek).fill(0))
  const pauses = Uint32Array.from(saved?.pauses ?? Array<number>(pauseBuckets).fill(0))
  const wakes = [...(saved?.wakes ?? [])]
  let week = saved?.week
  let lastActivityMs = saved?.lastActivityMs

  function ageTo(now: number) {
    const weeks = now - (week ?? now)
    week = Math.max(week ?? now, now)
    if (weeks <= 0) return
    // 32 halvings leave nothing of any counter.
    for (const counts of [hours, pauses]) {
      for (let at = 0; at < counts.length; at += 1) {
        counts[at] = weeks > 31 ? 0 : (counts[at] ?? 0) >>> weeks
      }
    }
  }

  return {
    countActivity(atMs) {
      const hour = hourOf(atMs)
      ageTo(Math.floor(hour / hoursOfWeek))
      count(hours, hour % hoursOfWeek)
      if (lastActivityMs !== undefined && atMs >= lastActivityMs) {
        count(pauses, pauseBucketOf(atMs - lastActivityMs))
      }
      lastActivityMs = Math.max(lastActivityMs ?? 0, atMs)
    },
    addWake(wake) {
      wakes.push({ ...wake, durationMs: Math.max(0, Math.round(wake.durationMs)) })
      if (wakes.length > wakesMax) wakes.shift()
    },
    wakeTimes(temperature) {
      const durations = wakes
        .filter((wake) => temperature === undefined || wake.temperature === temperature)
        .map(({ durationMs }) => durationMs)
      if (durations.length === 0) return undefined
      return {
        count: durations.length,
        p50Ms: percentile(durations, 0.5),
        p99Ms: percentile(durations, 0.99),
      }
    },
    get wakes() {
      return [...wakes]
    },
    get perHourOfWeek() {
      return [...hours]
    },
    get pauses() {
      return [...pauses]
    },
    save: () => ({
      week,
      lastActivityMs,
      hours: [...hours],
      pauses: [...pauses],
      wakes: [...wakes],
    }),
  }
}

/** Which bucket a pause counts in. */
export function pauseBucketOf(pauseMs: number): number {
  const seconds = Math.floor(Math.max(0, pauseMs) / 1_000)
  return seconds === 0 ? 0 : Math.min(pauseBuckets - 1, Math.floor(Math.log2(seconds)) + 1)
}

const hourMs = 3_600_000
/** The epoch began on a Thursday. */
const hoursBeforeFirstMonday = 4 * 24

/** Hours since a Monday, 0:00 UTC. */
function hourOf(atMs: number): number {
  return Math.max(0, Math.floor(atMs / hourMs) - hoursBeforeFirstMonday)
}

/** Saturates, so that a saved history keeps its size. */
const countMax = 9_999_999

function count(counts: Uint32Array, at: number) {
  counts[at] = Math.min(countMax, (counts[at] ?? 0) + 1)
}
