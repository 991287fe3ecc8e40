/** A connection, as far as what goes out on it. */
export interface Reader {
  /** Handed over in all. */
  readonly bytesWritten: number
  /** Of those, what has not left yet. */
  readonly writableLength: number
}

/** Finds clients that take nothing of what is ready for them. */
export interface StalledReaders<T extends Reader> {
  /** Those that have taken nothing for the whole time; to be asked several times within it. */
  look(readers: Iterable<T>, nowMs: number): readonly T[]
}

interface Mark {
  readonly taken: number
  readonly since: number
}

/**
 * Only what leaves counts: a client that goes on sending, and one that has an answer waiting behind a wake, are told
 * apart from one that reads nothing. `writableLength` falls by whole writes, so none should be large.
 */
export function createStalledReaders<T extends Reader>(stallMs: number): StalledReaders<T> {
  let marks = new Map<T, Mark>()
  return {
    look(readers, nowMs) {
      const before = marks
      const stalled: T[] = []
      marks = new Map()
      for (const reader of readers) {
        const waiting = reader.writableLength
        if (waiting === 0) continue
        const taken = reader.bytesWritten - waiting
        const mark = before.get(reader)
        if (mark === undefined || mark.taken !== taken) marks.set(reader, { taken, since: nowMs })
        else if (nowMs - mark.since >= stallMs) stalled.push(reader)
        else marks.set(reader, mark)
      }
      return stalled
    },
  }
}
