/** Numbers that were seen, each with the number from which it was reached: 24 bytes or so for each. */
export interface NumberTable {
  readonly size: number
  /** True when it is new. */
  add(key: number, from: number): boolean
  fromOf(key: number): number | undefined
}

/** No key is negative. */
const none = -1

/** Open addressing: a `Map` takes five times the memory, and ends at 16 million. */
export function createNumberTable(): NumberTable {
  let slots = 2 ** 12
  let keys = new Float64Array(slots).fill(none)
  let froms = new Float64Array(slots)
  let size = 0

  function slotOf(key: number): number {
    const mixed = Math.imul((key % 4_294_967_291) | 0, 0x9e37_79b1) ^ (key / 4_294_967_296)
    let slot = Math.imul(mixed ^ (mixed >>> 15), 0x85eb_ca6b) >>> 0
    for (slot &= slots - 1; ; slot = (slot + 1) & (slots - 1)) {
      const found = keys[slot]
      if (found === key || found === none) return slot
    }
  }

  function grow() {
    const [oldKeys, oldFroms] = [keys, froms]
    slots *= 2
    keys = new Float64Array(slots).fill(none)
    froms = new Float64Array(slots)
    for (const [at, key] of oldKeys.entries()) {
      if (key === none) continue
      const slot = slotOf(key)
      keys[slot] = key
      froms[slot] = oldFroms[at] ?? none
    }
  }

  return {
    get size() {
      return size
    },
    add(key, from) {
      const slot = slotOf(key)
      if (keys[slot] === key) return false
      keys[slot] = key
      froms[slot] = from
      size += 1
      if (size > slots * 0.6) grow()
      return true
    },
    fromOf(key) {
      const slot = slotOf(key)
      const from = keys[slot] === key ? froms[slot] : undefined
      return from === none ? undefined : from
    },
  }
}
