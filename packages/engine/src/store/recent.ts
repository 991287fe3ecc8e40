export interface Loaded<T> {
  readonly value: T
  /** It holds every change of its group up to this version of the store; undefined: that cannot be told. */
  readonly version: number | undefined
}

/** What was read last, by group and key. */
export interface Recent<T> {
  /** The value that is kept, or the one that is loaded now; a load that fails is not kept. */
  read(group: string, key: string, load: () => Promise<Loaded<T>>): Promise<T>
  /** A change of the group: each value that does not hold it yet becomes what `update` tells, or goes. */
  change(group: string, version: number, update: (before: Loaded<T>) => Loaded<T> | undefined): void
  /** A value that has come along, unless one is kept or being loaded. It holds every change that was told. */
  keep(group: string, key: string, loaded: Loaded<T>): void
  /** The names of all that is kept or being loaded. */
  groups(): Iterable<string>
  forget(group: string): void
  clear(): void
}

interface Entry<T> {
  readonly value: Promise<T>
  /** Undefined: still loading. */
  loaded: Loaded<T> | undefined
}

const mostKeys = 32

/** Keeps at most so many groups, those that were read last, of a bounded number of keys each. */
export function createRecent<T>(mostGroups: number): Recent<T> {
  // A Map tells its keys in the order in which they were set: the first is the one that nobody has read for longest.
  const groups = new Map<string, Map<string, Entry<T>>>()

  function groupOf(name: string) {
    const group = groups.get(name) ?? new Map<string, Entry<T>>()
    groups.delete(name)
    groups.set(name, group)
    dropFirst(groups, mostGroups)
    return group
  }

  function begin(group: Map<string, Entry<T>>, key: string, load: () => Promise<Loaded<T>>) {
    const loading = load()
    const entry: Entry<T> = { value: loading.then(({ value }) => value), loaded: undefined }
    group.set(key, entry)
    dropFirst(group, mostKeys)
    loading.then(
      (loaded) => {
        entry.loaded = loaded
      },
      () => {
        if (group.get(key) === entry) group.delete(key)
      },
    )
    return entry.value
  }

  return {
    read(name, key, load) {
      const group = groupOf(name)
      return group.get(key)?.value ?? begin(group, key, load)
    },
    change(name, version, update) {
      const group = groups.get(name) ?? new Map<string, Entry<T>>()
      for (const [key, { loaded }] of group) {
        const before = loaded?.version
        if (loaded && before !== undefined && before >= version) continue
        // What is being loaded may hold the change or not: whoever asks from now on asks anew.
        const next = loaded && before !== undefined ? update(loaded) : undefined
        if (next) group.set(key, { value: Promise.resolve(next.value), loaded: next })
        else group.delete(key)
      }
    },
    keep(name, key, loaded) {
      if (groups.get(name)?.has(key)) return
      const group = groupOf(name)
      group.set(key, { value: Promise.resolve(loaded.value), loaded })
      dropFirst(group, mostKeys)
    },
    groups: () => groups.keys(),
    forget: (name) => void groups.delete(name),
    clear: () => groups.clear(),
  }
}

function dropFirst<K, V>(map: Map<K, V>, most: number): void {
  if (map.size <= most) return
  const [first] = map.keys()
  if (first !== undefined) map.delete(first)
}
