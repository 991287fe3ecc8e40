/** What comes first by time, first in first out at the same one; adding and taking cost the logarithm of the number. */
export interface Earliest<T> {
  add(at: number, value: T): void
  first(): { readonly at: number; readonly value: T } | undefined
  take(): { readonly at: number; readonly value: T } | undefined
  readonly size: number
}

interface Entry<T> {
  readonly at: number
  readonly order: number
  readonly value: T
}

export function createEarliest<T>(): Earliest<T> {
  const heap: Entry<T>[] = []
  let added = 0

  const isBefore = (a: Entry<T> | undefined, b: Entry<T> | undefined): boolean =>
    a !== undefined && (b === undefined || a.at < b.at || (a.at === b.at && a.order < b.order))

  function place(index: number, entry: Entry<T>) {
    let at = index
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent]
      if (above === undefined || !isBefore(entry, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = entry
  }

  function sink(entry: Entry<T>) {
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const child = isBefore(heap[left + 1], heap[left]) ? left + 1 : left
      const below = heap[child]
      if (below === undefined || !isBefore(below, entry)) break
      heap[at] = below
      at = child
    }
    heap[at] = entry
  }

  return {
    add(at, value) {
      added += 1
      place(heap.length, { at, order: added, value })
    },
    first: () => heap[0],
    take() {
      const [first] = heap
      const last = heap.pop()
      if (last !== undefined && heap.length > 0) sink(last)
      return first
    },
    get size() {
      return heap.length
    },
  }
}
