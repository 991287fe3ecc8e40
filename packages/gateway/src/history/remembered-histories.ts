import {
  type RememberedHistory,
  type RememberOptions,
  rememberHistory,
} from './remembered-history.ts'

/** The histories in memory, each of the environment that has its name now; never more than are allowed. */
export interface RememberedHistories {
  /** Undefined for an environment that is not there: a request of it that ends late leaves nothing behind. */
  of(environment: string): RememberedHistory | undefined
  remove(environment: string): void
  /** Saves what has changed, as far as it gets in the time of a round. */
  save(): Promise<void>
  /** Saves for the last time, and resolves when nothing of what was begun goes on. */
  close(): Promise<void>
}

export interface RememberedHistoriesOptions extends RememberOptions {
  readonly uidOf: (environment: string) => string | undefined
  readonly rememberedMax: number
  readonly roundMs: number
}

export function createRememberedHistories(
  options: RememberedHistoriesOptions,
): RememberedHistories {
  const { uidOf, rememberedMax, roundMs } = options
  const entries = new Map<string, RememberedHistory>()
  const { follow, all } = createUnfinished()

  function begin(environment: string, uid: string): RememberedHistory {
    const entry = rememberHistory({ environment, uid }, options)
    entries.set(environment, entry)
    if (entries.size > rememberedMax) giveWay()
    return entry
  }

  /** The first has not changed for longest. */
  function giveWay() {
    const [first] = entries
    if (first === undefined) return
    const [environment, entry] = first
    entries.delete(environment)
    follow(entry.save())
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
      follow(removeStored(environment, options))
    },
    save: () => follow(saveChanged(entries, roundMs)),
    async close() {
      follow(saveChanged(entries, roundMs))
      await all()
    },
  }
}

/** Moves those that change behind the others, which give way first, and drops what could not be read. */
async function saveChanged(entries: Map<string, RememberedHistory>, roundMs: number) {
  const over = AbortSignal.timeout(roundMs)
  for (const [environment, entry] of [...entries]) {
    if (over.aborted) return
    if (entries.get(environment) !== entry) continue
    if (entry.isUnreadable || entry.isChanged) entries.delete(environment)
    if (!entry.isChanged) continue
    entries.set(environment, entry)
    await entry.save()
  }
}

/** Works that never fail, and whose end somebody may wait for. */
function createUnfinished() {
  const works = new Set<Promise<void>>()
  return {
    follow(work: Promise<void>): Promise<void> {
      works.add(work)
      return work.finally(() => works.delete(work))
    },
    all: () => Promise.all(works),
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
