/** Those who wait until there is room for more. */
export interface Room {
  wait(): Promise<void>
  /** Something has changed: whoever waits is told if there is room now. */
  look(): void
}

export function createRoom(isThere: () => boolean): Room {
  let waiting: (() => void)[] = []
  return {
    async wait() {
      if (!isThere()) await new Promise<void>((resolve) => waiting.push(resolve))
    },
    look() {
      if (!isThere()) return
      const told = waiting
      waiting = []
      for (const tell of told) tell()
    },
  }
}
