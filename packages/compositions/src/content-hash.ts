const offsetBasis = 0xcbf29ce484222325n
const prime = 0x100000001b3n

/**
 * FNV-1a over 64 bits of the UTF-16 code units, as 13 digits in base 36: stable across runs and machines. It tells
 * one set of inputs from another in a name; it is no defence against somebody who looks for a collision.
 */
export function contentHash(text: string): string {
  let hash = offsetBasis
  for (let index = 0; index < text.length; index++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * prime)
  }
  return hash.toString(36).padStart(13, '0')
}
