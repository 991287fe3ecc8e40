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
  /** The store did not tell: what it has is not overwritten. */
  readonly isUnreadable: boolean
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

/** Whose history it is. */
interface Owner {
  readonly environment: string
  readonly uid: string
}

export function rememberHistory(owner: Owner, options: RememberOptions): RememberedHistory {
  let history = options.store === undefined ? createEnvironmentHistory() : undefined
  let isUnreadable = false
  let isChanged = false
  const loaded = history === undefined ? load() : Promise.resolve()

  async function load() {
    history = await readHistory(owner, options)
    isUnreadable = history === undefined
  }

  function changeLoaded(apply: (history: EnvironmentHistory) => void) {
    if (history === undefined) return
    apply(history)
    isChanged = true
  }

  return {
    uid: owner.uid,
    get history() {
      return history
    },
    loaded,
    get isUnreadable() {
      return isUnreadable
    },
    get isChanged() {
      return isChanged
    },
    change(apply) {
      if (history === undefined) void loaded.then(() => changeLoaded(apply))
      else changeLoaded(apply)
    },
    async save() {
      if (history === undefined || !isChanged) return
      isChanged = false
      if (!(await writeHistory(history, owner, options))) isChanged = true
    },
  }
}

async function readHistory(
  { environment, uid }: Owner,
  { store, storeTimeoutMs, log }: RememberOptions,
): Promise<EnvironmentHistory | undefined> {
  try {
    const text = await store?.load(environment, AbortSignal.timeout(storeTimeoutMs))
    return createEnvironmentHistory(text === undefined ? undefined : parseHistory(text, uid))
  } catch (error) {
    log.warn({ err: error, environment }, 'history not read')
    return undefined
  }
}

async function writeHistory(
  history: EnvironmentHistory,
  { environment, uid }: Owner,
  { store, storeTimeoutMs, log }: RememberOptions,
): Promise<boolean> {
  try {
    const text = stringifyHistory(history.save(), uid)
    await store?.save(environment, text, AbortSignal.timeout(storeTimeoutMs))
    return true
  } catch (error) {
    log.warn({ err: error, environment }, 'history not saved')
    return false
  }
}
