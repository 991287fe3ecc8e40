import { setImmediate as nextTurn } from 'node:timers/promises'

/** So many are looked at before whoever waits meanwhile gets a turn. */
const slice = 500

/** The same, in slices: a look at ten thousand environments holds up no request for longer than at five hundred. */
export async function* inSlices<T>(all: Iterable<T>): AsyncGenerator<T> {
  let seen = 0
  for (const one of all) {
    seen += 1
    if (seen % slice === 0) await nextTurn()
    yield one
  }
}
