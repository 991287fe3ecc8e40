/** Something that may be waited for again and again. */
export interface Bell {
  ring(): void
  /** Calls back at each ring; the answer unsubscribes. */
  onRing(run: () => void): () => void
  /** Resolves at the next ring. */
  next(): Promise<void>
}

export function createBell(): Bell {
  const listeners = new Set<() => void>()
  function onRing(run: () => void) {
    listeners.add(run)
    return () => listeners.delete(run)
  }
  return {
    ring() {
      for (const listener of [...listeners]) listener()
    },
    onRing,
    next: () =>
      new Promise((resolve) => {
        const off = onRing(() => {
          off()
          resolve()
        })
      }),
  }
}
