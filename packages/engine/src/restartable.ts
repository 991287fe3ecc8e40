import type { Log } from '@pulse/api'
import { backOffMilliseconds } from './back-off.ts'
import type { Clock } from './clock.ts'
import type { RunningControllers } from './controller.ts'
import { pause } from './pause.ts'

/** Controllers that can begin anew with what they are then told. */
export interface RestartableControllers extends RunningControllers {
  /** Stops them and starts them again; what was asked for meanwhile is one more start. */
  restart(): void
  /** False while none run: then nothing is carried out. */
  isRunning(): boolean
}

export interface RestartableOptions {
  readonly log: Log
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
}

const backOff = { firstMilliseconds: 500, longestMilliseconds: 60_000 }

/**
 * Starts controllers once, which may fail, and then keeps them running: a later start that fails is tried again until
 * it succeeds, for without controllers nothing is carried out.
 */
export async function runRestartable(
  start: (signal: AbortSignal) => Promise<RunningControllers>,
  { log, clock, random }: RestartableOptions,
): Promise<RestartableControllers> {
  const halt = new AbortController()
  const { signal } = halt
  let running: RunningControllers | undefined = await start(signal)
  let isAsked = false
  let work: Promise<void> | undefined

  async function restartAll() {
    for (let failures = 0; isAsked && !signal.aborted; ) {
      isAsked = false
      try {
        await running?.stop()
        running = undefined
        running = await start(signal)
        failures = 0
      } catch (error) {
        isAsked = true
        failures += 1
        log.error({ err: error, failures }, 'controllers do not run, starting them again')
        await pause(backOffMilliseconds(failures, random(), backOff), clock, signal)
      }
    }
    work = undefined
  }

  return {
    isRunning: () => running !== undefined,
    restart() {
      isAsked = true
      work ??= restartAll()
    },
    async stop() {
      halt.abort()
      await work
      await running?.stop()
    },
  }
}
