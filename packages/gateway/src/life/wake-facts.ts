/** For whom somebody is woken. */
export type WakeCause = 'request' | 'schedule' | 'asked'

/** From where it was woken: process and registry there, process there, forked, started. */
export type WakeTemperature = 'hot' | 'warm' | 'forked' | 'cold'

/** One wake, from the moment somebody asked for it until it could be served. */
export interface WakeFacts {
  readonly environment: string
  readonly cause: WakeCause
  readonly temperature: WakeTemperature
  readonly durationMs: number
  /** From the first who wanted it until the wish stood in the store, a wait for a place to start in included. */
  readonly signalMs?: number
}
