/**
 * Places for environments that start: all cores are busy with a few starts, and more at once only make each slower.
 * A higher priority goes first, then who was wanted first: what has to be found out before a start takes some longer
 * than others.
 */
export interface StartPlaces {
  /** Resolves when there is a place; the answer gives it back. */
  enter(start: Start): Promise<() => void>
  readonly waiting: number
  readonly taken: number
}

export interface Start {
  readonly priority: number
  /** Since when it is wanted, by the gateway's clock. */
  readonly since: number
}

interface Waiting extends Start {
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
    enter(start) {
      return new Promise((resolve) => {
        if (taken < places) return admit(resolve)
        const before = waiting.findIndex((other) => comesBefore(start, other))
        const place = before === -1 ? waiting.length : before
        waiting.splice(place, 0, { ...start, admit: () => admit(resolve) })
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

function comesBefore(one: Start, other: Start): boolean {
  if (one.priority !== other.priority) return one.priority > other.priority
  return one.since < other.since
}
