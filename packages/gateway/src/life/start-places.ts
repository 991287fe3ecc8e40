/**
 * Places for environments that start: all cores are busy with a few starts, and more at once only make each slower.
 * A higher priority goes first, then who came first.
 */
export interface StartPlaces {
  /** Resolves when there is a place; the answer gives it back. */
  enter(priority: number): Promise<() => void>
  readonly waiting: number
  readonly taken: number
}

interface Waiting {
  readonly priority: number
  readonly admit: () => void
}

export function createStartPlaces(places: number): StartPlaces {
  const waiting: Waiting[] = []
  let taken = 0

  function leave() {
    taken -= 1
    waiting.shift()?.admit()
  }

  function admit(resolve: (leave: () => void) => void) {
    taken += 1
    let isLeft = false
    resolve(() => {
      if (!isLeft) leave()
      isLeft = true
    })
  }

  return {
    enter(priority) {
      return new Promise((resolve) => {
        if (taken < places) return admit(resolve)
        const before = waiting.findIndex((other) => other.priority < priority)
        const place = before === -1 ? waiting.length : before
        waiting.splice(place, 0, { priority, admit: () => admit(resolve) })
      })
    },
    get waiting() {
      return waiting.length
    },
    get taken() {
      return taken
    },
  }
}
