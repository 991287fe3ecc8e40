import type { Clock } from '../clock.ts'
import type { Held, HoldQueue } from '../hold/hold-queue.ts'
import type { NoTurn, Turn, Wanted } from './turn.ts'
import type { WakeCause } from './wake-facts.ts'

/** A request in the queue. */
export interface Waiter {
  readonly resolve: (turn: Turn) => void
  /** Ends the wait for its deadline and for its client's leaving. */
  readonly forget: () => void
}

/** One wait of a request, from its beginning to its turn or its end. */
export interface HoldFacts {
  readonly environment: string
  readonly cause: WakeCause
  readonly durationMs: number
  readonly outcome: 'go' | NoTurn['because']
}

/** Those who wait for one environment, each until its turn, its deadline, or its client's leaving. */
export interface WaitingRoom {
  /** `isBack`: it had its turn in vain, and waits before all that came later. */
  wait(wanted: Wanted, timeoutMs: number, isBack: boolean): Promise<Turn>
  readonly isEmpty: boolean
  /** Gives the first his turn; one that is `undefined` leaves him where he is, and the answer is false. */
  serve(turnOf: () => Turn | undefined): boolean
  dismiss(because: 'failed' | 'unknown'): void
}

export interface WaitingRoomOptions {
  readonly environment: string
  readonly queue: HoldQueue<Waiter>
  readonly clock: Clock
  /** One waits no more, and had no turn: until when he could have had one, or undefined if he was turned away. */
  readonly onLeft: (until: number | undefined) => void
  /** All were turned away, and those who have left want nothing any more either. */
  readonly onDismissed: () => void
  readonly onHeld: (facts: HoldFacts) => void
}

export function createWaitingRoom(options: WaitingRoomOptions): WaitingRoom {
  const { environment, queue, clock, onLeft, onDismissed, onHeld } = options

  return {
    wait(wanted, timeoutMs, isBack) {
      const { bytes, since, cause } = wanted
      const from = clock.now()
      const end = (turn: Turn) => {
        const outcome = turn.type === 'go' ? 'go' : turn.because
        onHeld({ environment, cause, durationMs: clock.now() - from, outcome })
        return turn
      }
      // Before anything is made that waits: of a crowd each would cost its memory after all.
      if (!isBack && queue.refusal({ environment, bytes }) !== undefined) {
        onLeft(undefined)
        return Promise.resolve(end({ type: 'none', because: 'full' }))
      }
      const { promise, resolve: settle } = Promise.withResolvers<Turn>()
      const resolve = (turn: Turn) => settle(end(turn))
      const leave = (because: 'late' | 'left') => {
        if (!queue.remove(held)) return
        forget()
        onLeft(since + timeoutMs)
        resolve({ type: 'none', because })
      }
      const offLeft = wanted.onLeft(() => leave('left'))
      const waited = from - since
      const longest = Math.min(timeoutMs, wanted.patienceMs ?? timeoutMs)
      const cancel = clock.after(Math.max(0, longest - waited), () => leave('late'))
      const forget = () => {
        offLeft()
        cancel()
      }
      const held: Held<Waiter> = { environment, bytes, since, value: { resolve, forget } }
      if (isBack) queue.putBack(held)
      else queue.add(held)
      return promise
    },
    get isEmpty() {
      return queue.count(environment) === 0
    },
    serve(turnOf) {
      const held = queue.takeFirst(environment)
      if (held === undefined) return false
      const turn = turnOf()
      if (turn === undefined) {
        queue.putBack(held)
        return false
      }
      held.value.forget()
      held.value.resolve(turn)
      return true
    },
    dismiss(because) {
      for (const { value } of queue.takeAll(environment)) {
        value.forget()
        onLeft(undefined)
        value.resolve({ type: 'none', because })
      }
      onDismissed()
    },
  }
}
