/** The newest of what one part tells again and again, for others to look at. */
export interface Latest<T> {
  readonly get: () => T
  readonly set: (next: T) => void
}

export function createLatest<T>(first: T): Latest<T> {
  let value = first
  return {
    get: () => value,
    set(next) {
      value = next
    },
  }
}
