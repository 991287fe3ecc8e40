import type { Change, ChangeFeed, ChangeListener } from './backend.ts'
import { expired } from './refusals.ts'

export interface MemoryChanges extends ChangeFeed {
  append(change: Change): void
  /** Every change after a version; 410 when some of them are forgotten or none can exist yet. */
  since(version: number): readonly Change[]
  close(): void
}

/** The log of the memory store, bounded, and the listeners to it. */
export function createMemoryChanges(kept: number): MemoryChanges {
  const listeners = new Set<ChangeListener>()
  let log: Change[] = []
  let position = 0

  const since = (version: number) => {
    const oldest = log[0]?.version ?? position + 1
    if (version + 1 < oldest || version > position) throw expired()
    return log.slice(version + 1 - oldest)
  }

  return {
    position: () => position,
    newest: async () => position,
    since,
    async read({ apiVersion, kind, after, until }) {
      return since(after).filter(
        (change) =>
          change.version <= until && change.kind === kind && change.apiVersion === apiVersion,
      )
    },
    append(change) {
      position = change.version
      log.push(change)
      // Cut in strides: a cut at every write would copy the whole log each time.
      if (log.length > kept * 1.5) log = log.slice(-kept)
      for (const listener of listeners) listener.change(change)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {
      for (const listener of listeners) listener.expired()
      listeners.clear()
    },
  }
}
