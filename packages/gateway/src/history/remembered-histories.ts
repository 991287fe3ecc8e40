import {
  type RememberedHistory,
  type RememberOptions,
  rememberHistory,
} from './remembered-history.ts'

/** The histories in memory, each of the environment that has its name now. */
export interface RememberedHistories {
  /** Undefined for an environment that is not there: a request of it that ends late leaves nothing behind. */
  of(environment: string): RememberedHistory | undefined
  remove(environment: string): void
  /** Saves what has changed. */
  save(): Promise<void>
  /** Saves for the last time, and resolves when nothing of what was begun goes on. */
  close(): Promise<void>
}

export interface RememberedHistoriesOptions extends RememberOptions {
  readonly uidOf: (environment: string) => string | undefined
  readonly rememberedMax: number
}

export function createRememberedHistories(
  options: RememberedHistoriesOptions,
): RememberedHistories {
  const { uidOf, rememberedMax } = options
  const entries = new Map<string, RememberedHistory>()
  const removals = new Set<Promise<void>>()

  function begin(environment: string, uid: string): RememberedHistory {
    const entry = rememberHistory({ environment, uid }, options)
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

  async function save() {
    for (const [environment, entry] of entries) {
      if (entry.isChanged) await entry.save()
      else if (entries.size > rememberedMax) entries.delete(environment)
    }
  }

  return {
    of(environment) {
      const uid = uidOf(environment)
      const known = entries.get(environment)
      if (known !== undefined && known.uid === uid) return known
      entries.delete(environment)
      return uid === undefined ? undefined : begin(environment, uid)
    },
    remove(environment) {
      entries.delete(environment)
      const removal = removeStored(environment, options)
      removals.add(removal)
      void removal.then(() => removals.delete(removal))
    },
    save,
    async close() {
      await Promise.all([save(), ...removals])
    },
  }
}

/** Never fails: what stays of it is not told of another, and its store can clear up. */
async function removeStored(
  environment: string,
  { store, storeTimeoutMs, log }: RememberOptions,
): Promise<void> {
  try {
    await store?.remove(environment, AbortSignal.timeout(storeTimeoutMs))
  } catch (error) {
    log.warn({ err: error, environment }, 'history not removed')
  }
}
