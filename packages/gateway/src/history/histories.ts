import type { Log } from '@pulse/api'
import type { Clock } from '../clock.ts'
import type { EnvironmentHistory } from './environment-history.ts'
import type { HistoryStore } from './history-store.ts'
import { createRememberedHistories } from './remembered-histories.ts'
import type { Wake } from './saved-history.ts'

/** The histories of all environments that were seen lately. */
export interface Histories {
  /** As far as it is known; the first question has it read. */
  of(environment: string): EnvironmentHistory | undefined
  /** Resolves when `of` can tell. */
  loaded(environment: string): Promise<void>
  countActivity(environment: string): void
  addWake(environment: string, wake: Wake): void
  /** It is gone, or another one by now: nothing of it is kept, here or in the store. */
  remove(environment: string): void
  /** Saves what has not been saved. */
  close(): Promise<void>
}

export interface HistoriesOptions {
  /** Absent, a history begins and ends with the gateway. */
  readonly store: HistoryStore | undefined
  /** Tells an environment from others that had its name; undefined for one that is not there: nothing is kept of it. */
  readonly uidOf: (environment: string) => string | undefined
  readonly clock: Clock
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly log: Log
  readonly limits?: HistoryLimits
}

export interface HistoryLimits {
  /** Between two rounds of saving. */
  readonly saveMs: number
  /** A round begins no more after that, nor does the end: what is not saved by then waits for the next, or is lost. */
  readonly roundMs: number
  readonly storeTimeoutMs: number
  /** In memory; beyond that, those that have not changed for longest are saved and dropped. */
  readonly rememberedMax: number
}

const defaultLimits: HistoryLimits = {
  saveMs: 5 * 60_000,
  roundMs: 10_000,
  storeTimeoutMs: 2_000,
  rememberedMax: 5_000,
}

export function createHistories(options: HistoriesOptions): Histories {
  const { clock, now, limits = defaultLimits } = options
  const remembered = createRememberedHistories({ ...options, ...limits })
  const endSaving = every(limits.saveMs, { clock, run: remembered.save })

  return {
    of: (environment) => remembered.of(environment)?.history,
    loaded: (environment) => remembered.of(environment)?.loaded ?? Promise.resolve(),
    countActivity(environment) {
      remembered.of(environment)?.change((history) => history.countActivity(now()))
    },
    addWake(environment, wake) {
      remembered.of(environment)?.change((history) => history.addWake(wake))
    },
    remove: remembered.remove,
    async close() {
      endSaving()
      await remembered.close()
    },
  }
}

/** Runs so long after each end of a run; the answer ends it. */
function every(
  milliseconds: number,
  { clock, run }: { readonly clock: Clock; readonly run: () => Promise<void> },
): () => void {
  let isOver = false
  let cancel = () => {}
  function later() {
    cancel = clock.after(milliseconds, async () => {
      await run()
      if (!isOver) later()
    })
  }
  later()
  return () => {
    isOver = true
    cancel()
  }
}
