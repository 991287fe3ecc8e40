import { type KubeObject, keyOf, type ObjectRef, refOf } from '@pulse/api'

/**
 * Which objects were composed for which composite of one kind, by its name: names and hashes, no objects. It is filled by the watches, and by
 * each pass at once, so that a pass never waits to see what the last one made.
 */
export interface ComposedIndex {
  refsOf(composite: string): readonly ObjectRef[]
  /** Puts the object in its place; the answer is every composite that the change concerns. */
  note(object: KubeObject, composite: string | undefined): readonly string[]
  /** Whether this was the last thing applied, and what came of it still stands. */
  isUnchanged(ref: ObjectRef, hashes: AppliedHashes): boolean
  noteApplied(ref: ObjectRef, composite: string, hashes: AppliedHashes): void
}

interface AppliedHashes {
  readonly desired: string
  readonly stored: string
}

interface Entry {
  readonly ref: ObjectRef
  readonly composite: string
  readonly applied?: AppliedHashes
}

export function createComposedIndex(): ComposedIndex {
  const entries = new Map<string, Entry>()
  const byComposite = new Map<string, Map<string, ObjectRef>>()

  function put(entry: Entry) {
    const key = keyOf(entry.ref)
    if (entries.get(key)?.composite !== entry.composite) remove(key)
    entries.set(key, entry)
    const refs = byComposite.get(entry.composite) ?? new Map()
    byComposite.set(entry.composite, refs.set(key, entry.ref))
  }

  function remove(key: string) {
    const entry = entries.get(key)
    if (!entry) return
    entries.delete(key)
    const refs = byComposite.get(entry.composite)
    refs?.delete(key)
    if (refs?.size === 0) byComposite.delete(entry.composite)
  }

  return {
    refsOf: (composite) => [...(byComposite.get(composite)?.values() ?? [])],
    note(object, composite) {
      const ref = refOf(object)
      const key = keyOf(ref)
      const before = entries.get(key)
      if (composite === undefined) remove(key)
      else if (before?.composite !== composite) put({ ref, composite })
      return [...new Set([before?.composite, composite])].filter((name) => name !== undefined)
    },
    isUnchanged(ref, { desired, stored }) {
      const applied = entries.get(keyOf(ref))?.applied
      return applied?.desired === desired && applied.stored === stored
    },
    noteApplied: (ref, composite, applied) => put({ ref, composite, applied }),
  }
}
