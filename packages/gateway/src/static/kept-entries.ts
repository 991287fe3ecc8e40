import { type Bodies, type Body, createBodies } from './bodies.ts'

export interface EntryLimits {
  /** In all; the same body counts once. */
  readonly bytes: number
  readonly bytesPerEnvironment: number
  readonly entriesPerEnvironment: number
}

export interface Entry {
  readonly key: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Body
  readonly keptAtMs: number
  readonly goodForMs: number
}

/** What is kept of all environments; the least recently used go first, of one as of all. */
export interface KeptEntries {
  find(environment: string, key: string): Entry | undefined
  keep(environment: string, entry: Omit<Entry, 'body'> & { readonly bytes: Buffer }): void
  drop(environment: string, entry: Entry): void
  empty(environment: string): void
  /** Of bodies, each once, and of all that is kept around them. */
  readonly bytes: number
}

/** One environment's, least recently used first. */
interface Line {
  readonly entries: Map<string, Entry>
  bytes: number
}

export function createKeptEntries(limits: EntryLimits): KeptEntries {
  const lines = new Map<string, Line>()
  /** Each with its environment, least recently used first. */
  const all = new Map<Entry, string>()
  const bodies: Bodies = createBodies()
  let bytesAround = 0

  function drop(environment: string, entry: Entry) {
    const line = lines.get(environment)
    if (line === undefined || !all.delete(entry)) return
    line.entries.delete(entry.key)
    line.bytes -= entry.body.bytes.length + bytesAroundOf(entry)
    bytesAround -= bytesAroundOf(entry)
    if (line.entries.size === 0) lines.delete(environment)
    bodies.release(entry.body)
  }

  /** Moves it to the end of both lists. */
  function touch(environment: string, line: Line, entry: Entry) {
    line.entries.delete(entry.key)
    line.entries.set(entry.key, entry)
    all.delete(entry)
    all.set(entry, environment)
  }

  function isOver(line: Line): boolean {
    const { entries, bytes } = line
    return bytes > limits.bytesPerEnvironment || entries.size > limits.entriesPerEnvironment
  }

  return {
    find(environment, key) {
      const line = lines.get(environment)
      const entry = line?.entries.get(key)
      if (line !== undefined && entry !== undefined) touch(environment, line, entry)
      return entry
    },
    keep(environment, { bytes, ...rest }) {
      const before = lines.get(environment)?.entries.get(rest.key)
      if (before !== undefined) drop(environment, before)
      const line = lines.get(environment) ?? { entries: new Map<string, Entry>(), bytes: 0 }
      lines.set(environment, line)
      line.bytes += bytes.length + bytesAroundOf(rest)
      bytesAround += bytesAroundOf(rest)
      touch(environment, line, { ...rest, body: bodies.add(bytes) })
      for (const oldest of line.entries.values()) {
        if (!isOver(line)) break
        drop(environment, oldest)
      }
      for (const [oldest, owner] of all) {
        if (bodies.bytes + bytesAround <= limits.bytes) break
        drop(owner, oldest)
      }
    },
    drop,
    empty(environment) {
      for (const entry of lines.get(environment)?.entries.values() ?? []) drop(environment, entry)
    },
    get bytes() {
      return bodies.bytes + bytesAround
    },
  }
}

/** What one takes beside its texts. */
const entryBytes = 500

/** Whoever asks chooses the key, and the tenant the headers. */
function bytesAroundOf({ key, headers }: Pick<Entry, 'key' | 'headers'>): number {
  return Object.entries(headers).reduce(
    (bytes, [name, value]) => bytes + name.length + value.length,
    entryBytes + key.length,
  )
}
