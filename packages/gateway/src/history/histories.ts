import type { Log } from '@pulse/api'
import type { Clock } from '../clock.ts'
import { createEnvironmentHistory, type EnvironmentHistory } from './environment-history.ts'
import { parseHistory, stringifyHistory, type Wake } from './saved-history.ts'

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

interface Entry {
  history: EnvironmentHistory | undefined
  readonly loading: Promise<void>
  isChanged: boolean
}

export function createHistories(options: HistoriesOptions): Histories {
  const { store, clock, now, log, limits = defaultLimits } = options
  const entries = new Map<string, Entry>()
  let cancel = () => {}
  let isOver = false

  function entryOf(environment: string): Entry {
    const known = entries.get(environment)
    if (known !== undefined) return known
    const isNew = store === undefined
    const entry: Entry = {
      history: isNew ? createEnvironmentHistory() : undefined,
      loading: isNew ? Promise.resolve() : load(environment),
      isChanged: false,
    }
    entries.set(environment, entry)
    return entry
  }

  async function load(environment: string) {
    try {
      const text = await store?.load(environment, AbortSignal.timeout(limits.storeTimeoutMs))
      const saved = text === undefined ? undefined : parseHistory(text)
      const entry = entries.get(environment)
      if (entry !== undefined) entry.history = createEnvironmentHistory(saved)
    } catch (error) {
      // Not begun anew: that would overwrite what stands there.
      log.warn({ err: error, environment }, 'history not read')
      entries.delete(environment)
    }
  }

  function change(environment: string, apply: (history: EnvironmentHistory) => void) {
    const entry = entryOf(environment)
    if (entry.history === undefined) {
      void entry.loading.then(() => changeLoaded(entry, apply))
    } else changeLoaded(entry, apply)
  }

  function changeLoaded(entry: Entry, apply: (history: EnvironmentHistory) => void) {
    if (entry.history === undefined) return
    apply(entry.history)
    entry.isChanged = true
  }

  async function saveAll() {
    for (const [environment, entry] of entries) {
      const isChanged = entry.isChanged && (await save(environment, entry))
      if (!isChanged && !entry.isChanged && entries.size > limits.rememberedMax) {
        entries.delete(environment)
      }
    }
  }

  async function save(environment: string, entry: Entry): Promise<boolean> {
    if (entry.history === undefined) return false
    entry.isChanged = false
    try {
      const text = stringifyHistory(entry.history.save())
      await store?.save(environment, text, AbortSignal.timeout(limits.storeTimeoutMs))
    } catch (error) {
      entry.isChanged = true
      log.warn({ err: error, environment }, 'history not saved')
    }
    return true
  }

  function later() {
    cancel = clock.after(limits.saveMs, async () => {
      await saveAll()
      if (!isOver) later()
    })
  }
  later()

  return {
    of: (environment) => entryOf(environment).history,
    loaded: (environment) => entryOf(environment).loading,
    countActivity: (environment) => change(environment, (history) => history.countActivity(now())),
    addWake: (environment, wake) => change(environment, (history) => history.addWake(wake)),
    forget: (environment) => void entries.delete(environment),
    async close() {
      isOver = true
      cancel()
      await saveAll()
    },
  }
}
