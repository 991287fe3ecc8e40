/**
 * Places for what only gets slower when more of it is done at once. A higher priority goes first, then who was wanted
 * first: who comes here may have been held up on the way.
 */
export interface Places {
  /** Resolves when there is a place; the answer gives it back. */
  enter(wish: Wish): Promise<() => void>
  readonly waiting: number
  readonly taken: number
}

export interface Wish {
  readonly priority: number
  /** Since when it is wanted, by the gateway's clock. */
  readonly since: number
}

interface Waiting extends Wish {
  readonly admit: () => void
}

export function createPlaces(places: number): Places {
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
    enter(wish) {
      return new Promise((resolve) => {
        if (taken < places) return admit(resolve)
        const before = waiting.findIndex((other) => comesBefore(wish, other))
        const place = before === -1 ? waiting.length : before
        waiting.splice(place, 0, { ...wish, admit: () => admit(resolve) })
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

function comesBefore(one: Wish, other: Wish): boolean {
  if (one.priority !== other.priority) return one.priority > other.priority
  return one.since < other.since
}
