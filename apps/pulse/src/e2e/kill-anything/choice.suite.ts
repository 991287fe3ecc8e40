import { createHash } from 'node:crypto'

/** A number that this seed and these words always give. */
export function numberFrom(seed: string, ...words: readonly string[]): number {
  return createHash('sha256')
    .update([seed, ...words].join('\0'))
    .digest()
    .readUInt32BE()
}

/**
 * One of them, by the seed. Another one more or less in the list changes the choice only if it is chosen itself: two
 * recordings of the same thing are never quite the same.
 */
export function choose<T>(seed: string, all: readonly T[], name: (one: T) => string): T {
  const [first] = all
    .map((one) => ({ one, rank: numberFrom(seed, name(one)) }))
    .toSorted((a, b) => a.rank - b.rank)
  if (first === undefined) throw new Error('there is nothing to choose from')
  return first.one
}
