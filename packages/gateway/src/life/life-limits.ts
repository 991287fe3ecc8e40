import type { HoldLimits } from '../hold/hold-queue.ts'

/** How the gateway puts to sleep and wakes. Milliseconds. */
export interface LifeLimits {
  readonly hold: HoldLimits
  /** Environments that may be starting at the same time. */
  readonly starts: number
  /** A start that takes longer gives its place away, though it goes on. */
  readonly startPlaceMs: number
  /** Between two looks at who may sleep; jittered by half. */
  readonly sweepMs: number
  /** Sleeps that one sweep may begin. */
  readonly sleepsPerSweep: number
  /** Nobody is put to sleep so soon after the gateway's start; and what was up before, by no gateway within its idle time. */
  readonly graceMs: number
  /** After so long without a user an environment of shared workers counts as asleep: their registries are let go. */
  readonly restMs: number
  /** How long one stays awake after its schedules when nobody has come meanwhile. */
  readonly idleAfterScheduleMs: number
  /** Between two questions to a backend that is starting. */
  readonly probeMs: number
  readonly probeTimeoutMs: number
  /** Longer than the store's own limit for an answer: a write that was given up here is not carried out later. */
  readonly storeTimeoutMs: number
  /** Pauses before a refused request or a failed write is tried again: the first, and the longest. */
  readonly retryMs: readonly [number, number]
  /** How long requests that are under way may go on after their environment was suspended or disabled. */
  readonly overstayMs: number
  /** A request that was let go after its wait holds up those behind it no longer than this. */
  readonly placeMs: number
  /** What keeps the workers from coming up is a failure only if it lasts so long. */
  readonly patienceMs: number
  /** After a start that failed: how long until the next may be tried; doubled each time up to the second. */
  readonly circuitMs: readonly [number, number]
}

export const defaultLifeLimits: LifeLimits = {
  hold: {
    requestsPerEnvironment: 300,
    bytesPerEnvironment: 32 * 1024 * 1024,
    requests: 20_000,
    bytes: 128 * 1024 * 1024,
  },
  starts: 2,
  startPlaceMs: 20_000,
  sweepMs: 1_000,
  sleepsPerSweep: 10,
  graceMs: 30_000,
  restMs: 30 * 60_000,
  idleAfterScheduleMs: 5_000,
  probeMs: 25,
  probeTimeoutMs: 15_000,
  // A statement of the store is given up after 12 s, at the latest.
  storeTimeoutMs: 15_000,
  retryMs: [25, 1_000],
  overstayMs: 30_000,
  placeMs: 1_000,
  patienceMs: 3_000,
  circuitMs: [5_000, 300_000],
}
