import type { Clock } from './clock.ts'

/** Keys that rest for a while after their pass. */
export interface Rests {
  has(key: string): boolean
  begin(key: string, milliseconds: number, end: () => void): void
  /** Ends without a word, also when it never began. */
  cancel(key: string): void
  cancelAll(): void
}

export function createRests(clock: Clock): Rests {
  const cancels = new Map<string, () => void>()

  function cancel(key: string) {
    cancels.get(key)?.()
    cancels.delete(key)
  }

  return {
    has: (key) => cancels.has(key),
    begin(key, milliseconds, end) {
      cancel(key)
      const ends = clock.after(milliseconds, () => {
        cancels.delete(key)
        end()
      })
      cancels.set(key, ends)
    },
    cancel,
    cancelAll() {
      for (const key of cancels.keys()) cancel(key)
    },
  }
}
