import type { Log } from '@pulse/api'
import { createEnvironmentHistory, type EnvironmentHistory } from './environment-history.ts'
import type { HistoryStore } from './history-store.ts'
import { parseHistory, stringifyHistory } from './saved-history.ts'

/** One environment's history on its way from the store and back: reading it touches this one and no later one. */
export interface RememberedHistory {
  /** Of the environment; another's of the same name is not told of it. */
  readonly uid: string
  /** Undefined until it is read, and where it could not be. */
  readonly history: EnvironmentHistory | undefined
  /** Resolves when it is read, or could not be. */
  readonly loaded: Promise<void>
  /** Something in it is not saved. */
  readonly isChanged: boolean
  /** Applied once it is read; lost where it cannot be. */
  change(apply: (history: EnvironmentHistory) => void): void
  /** Begins at once, and never fails: what is not saved stays changed. */
  save(): Promise<void>
}

export interface RememberOptions {
  readonly store: HistoryStore | undefined
  readonly storeTimeoutMs: number
  readonly log: Log
}

export function rememberHistory(
  { environment, uid }: { readonly environment: string; readonly uid: string },
  { store, storeTimeoutMs, log }: RememberOptions,
): RememberedHistory {
  let history = store === undefined ? createEnvironmentHistory() : undefined
  let isChanged = false
  const loaded = store === undefined ? Promise.resolve() : load(store)

  async function load(from: HistoryStore) {
    try {
      const text = await from.load(environment, AbortSignal.timeout(storeTimeoutMs))
      history = createEnvironmentHistory(text === undefined ? undefined : parseHistory(text, uid))
    } catch (error) {
      // Not begun anew: that would overwrite what stands there.
      log.warn({ err: error, environment }, 'history not read')
    }
  }

  function changeLoaded(apply: (history: EnvironmentHistory) => void) {
    if (history === undefined) return
    apply(history)
    isChanged = true
  }

  return {
    uid,
    get history() {
      return history
    },
    get isChanged() {
      return isChanged
    },
    loaded,
    change(apply) {
      if (history === undefined) void loaded.then(() => changeLoaded(apply))
      else changeLoaded(apply)
    },
    async save() {
      if (history === undefined || !isChanged) return
      isChanged = false
      try {
        const text = stringifyHistory(history.save(), uid)
        await store?.save(environment, text, AbortSignal.timeout(storeTimeoutMs))
      } catch (error) {
        isChanged = true
        log.warn({ err: error, environment }, 'history not saved')
      }
    },
  }
}
