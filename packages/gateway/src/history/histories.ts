import type { Log } from '@pulse/api'
import type { Clock } from '../clock.ts'
import type { EnvironmentHistory } from './environment-history.ts'
import { type RememberedHistory, rememberHistory } from './remembered-history.ts'
import type { Wake } from './saved-history.ts'

/** Where histories outlive the gateway; each is text of at most 4 KiB. */
export interface HistoryStore {
  load(environment: string, signal: AbortSignal): Promise<string | undefined>
  save(environment: string, text: string, signal: AbortSignal): Promise<void>
}

/** The histories of all environments that were seen lately. */
export interface Histories {
  /** As far as it is known; the first question has it loaded. */
  of(environment: string): EnvironmentHistory | undefined
  /** Resolves when `of` can tell. */
  loaded(environment: string): Promise<void>
  countActivity(environment: string): void
  addWake(environment: string, wake: Wake): void
  forget(environment: string): void
  /** Saves what has not been saved. */
  close(): Promise<void>
}

export interface HistoriesOptions {
  /** Absent, a history begins and ends with the gateway. */
  readonly store: HistoryStore | undefined
  readonly clock: Clock
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly log: Log
  readonly limits?: HistoryLimits
}

export interface HistoryLimits {
  readonly saveMs: number
  readonly storeTimeoutMs: number
  /** Those that have not changed for long are dropped beyond that. */
  readonly rememberedMax: number
}

const defaultLimits: HistoryLimits = {
  saveMs: 5 * 60_000,
  storeTimeoutMs: 2_000,
  rememberedMax: 5_000,
}

export function createHistories(options: HistoriesOptions): Histories {
  const { store, clock, now, log, limits = defaultLimits } = options
  const { storeTimeoutMs } = limits
  const entries = new Map<string, RememberedHistory>()

  function entryOf(environment: string): RememberedHistory {
    const known = entries.get(environment)
    if (known !== undefined) return known
    const entry = rememberHistory(environment, { store, storeTimeoutMs, log })
    entries.set(environment, entry)
    void entry.loaded.then(() => forgetUnread(environment, entry))
    return entry
  }

  /** It is asked for again. */
  function forgetUnread(environment: string, entry: RememberedHistory) {
    if (entry.history === undefined && entries.get(environment) === entry) {
      entries.delete(environment)
    }
  }

  async function saveAll() {
    for (const [environment, entry] of entries) {
      if (entry.isChanged) await entry.save()
      else if (entries.size > limits.rememberedMax) entries.delete(environment)
    }
  }

  const endSaving = every(limits.saveMs, { clock, run: saveAll })

  return {
    of: (environment) => entryOf(environment).history,
    loaded: (environment) => entryOf(environment).loaded,
    countActivity(environment) {
      entryOf(environment).change((history) => history.countActivity(now()))
    },
    addWake(environment, wake) {
      entryOf(environment).change((history) => history.addWake(wake))
    },
    forget: (environment) => void entries.delete(environment),
    async close() {
      endSaving()
      await saveAll()
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
