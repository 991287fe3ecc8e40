import type { Backend } from '../route-source.ts'
import type { LifeRecord } from './record.ts'

/** The life of environments in the store that all gateways share; `apps/pulse` implements it over resources. */
export interface Waker {
  /** What is known of it now, without asking; undefined for one that is not known. Constant time. */
  see(environment: string): Sight | undefined
  /** Asks the store itself: only this tells for certain that nothing is left of it. */
  look(environment: string, signal: AbortSignal): Promise<Sight | undefined>
  /** Compare-and-set of the record together with the number of workers; resolves with what stands there now. */
  write(environment: string, change: LifeChange, signal: AbortSignal): Promise<Standing>
  /** Whether a backend that has an address already can serve; asked again and again while somebody waits. */
  isReady(environment: string, backend: Backend, signal: AbortSignal): Promise<boolean>
  /** A backend was told to be another's or not to know us: what we hold of its identity may be old. */
  doubt(environment: string): void
  /** Gateways that count at this moment, this one among them. */
  members(): readonly string[]
  /** Names of all that are not asleep, when the gateway starts. */
  awake(): Iterable<string>
  /** Calls back with the name of an environment of which something may have changed. */
  onChange(run: (environment: string) => void): void
}

/** One compare-and-set. */
export interface LifeChange {
  readonly expected: LifeRecord
  readonly next: LifeRecord
}

/** A record as it stands in the store. */
export interface Standing {
  readonly record: LifeRecord
  /** Grows with each write; an older one is no news. */
  readonly version: number
}

/** All that is known of one environment at a moment, as far as its life is concerned. */
export interface Sight extends Standing {
  /** Ready, and not on their way out. */
  readonly ready: readonly Backend[]
  /** They have an address and are not ready yet. */
  readonly starting: readonly Backend[]
  /** Backends that are on their way out. */
  readonly leaving: number
  /** Nothing is left of any process; told by `look` alone. */
  readonly isGone: boolean
  readonly service: 'active' | 'suspended' | 'disabled'
  /** Absent: others decide when it sleeps. */
  readonly idleMs?: number
  readonly wakeTimeoutMs: number
  /** How many requests its workers carry out at the same time. */
  readonly concurrency: number
  /** Higher ones start first when many wait for a place. */
  readonly priority: number
  /** Wakes that its plan allows; absent, what all are allowed. */
  readonly wakesPerHour?: number
  /** Why its workers do not come up, in one line. */
  readonly trouble?: string
  readonly ask?: LifeAsk
}

/** What people have asked of it by hand. Times are epoch milliseconds. */
export interface LifeAsk {
  readonly wakeAt?: number
  readonly sleepAt?: number
  readonly awakeUntil?: number
}
