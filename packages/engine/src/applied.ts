import { keyOf, type ObjectRef } from '@pulse/api'

/**
 * What was applied last for the composites that had a pass last, by hashes: what still stands is not applied again. Of
 * others nothing is kept: for them the store finds that nothing would change.
 */
export interface Applied {
  /** Whether this was the last thing applied, and what came of it still stands. */
  isUnchanged(composite: string, ref: ObjectRef, hashes: AppliedHashes): boolean
  note(composite: string, ref: ObjectRef, hashes: AppliedHashes): void
  forget(composite: string): void
}

interface AppliedHashes {
  readonly desired: string
  readonly stored: string
}

export function createApplied(mostComposites = 200): Applied {
  // A Map tells its keys in the order in which they were set: the first is the one whose last pass is longest ago.
  const byComposite = new Map<string, Map<string, AppliedHashes>>()

  return {
    isUnchanged(composite, ref, { desired, stored }) {
      const applied = byComposite.get(composite)?.get(keyOf(ref))
      return applied?.desired === desired && applied.stored === stored
    },
    note(composite, ref, hashes) {
      const applied = byComposite.get(composite) ?? new Map<string, AppliedHashes>()
      byComposite.delete(composite)
      byComposite.set(composite, applied.set(keyOf(ref), hashes))
      const [first] = byComposite.keys()
      if (byComposite.size > mostComposites && first !== undefined) byComposite.delete(first)
    },
    forget: (composite) => void byComposite.delete(composite),
  }
}
