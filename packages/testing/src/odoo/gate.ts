/** What all parts of one server share: is it sealed, and does a request still run? There is no way back. */
export interface Gate {
  /** Counts a request in; false when sealed, and then nothing was counted. */
  enter(): boolean
  leave(): void
  isSealed(): boolean
  /** Lets nothing in from now on; true when the last one has ended within the time. */
  seal(timeoutMs: number): Promise<boolean>
}

export function createGate(): Gate {
  const drained = new Set<() => void>()
  let running = 0
  let sealed = false

  return {
    enter() {
      if (!sealed) running += 1
      return !sealed
    },
    leave() {
      running -= 1
      if (running > 0) return
      for (const tell of drained) tell()
    },
    isSealed: () => sealed,
    seal(timeoutMs) {
      sealed = true
      if (running === 0) return Promise.resolve(true)
      return new Promise((resolve) => {
        const end = (reached: boolean) => {
          clearTimeout(timer)
          drained.delete(tell)
          resolve(reached)
        }
        const tell = () => end(true)
        const timer = setTimeout(() => end(false), timeoutMs)
        drained.add(tell)
      })
    },
  }
}
