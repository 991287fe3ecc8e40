import type { EventEmitter } from 'node:events'
import type { Clock } from '../clock.ts'
import type { LifeState } from '../life/life-state.ts'

/** How a poll's wait ends: `go` to its environment, which is awake; `over`, with nothing to tell; or its client left. */
export type PollEnd = 'go' | 'over' | 'left'

/** Long polls: of environments that are not awake they wait at the gateway, and wake nobody. */
export interface KeptPolls {
  /** For so many milliseconds at most, and how it ends then. Undefined when as many wait as may. */
  keep(
    environment: string,
    response: Pick<EventEmitter, 'on' | 'off'>,
    atMost: { readonly ms: number; readonly end: 'go' | 'over' },
  ): Promise<PollEnd> | undefined
  /** One that its environment holds: the signal says when it has to end there, since that stops; `over` when it has. */
  hold(environment: string): { readonly calledBack: AbortSignal; over(): void }
  noteState(environment: string, state: LifeState): void
  /** The gateway ends: what waits is over, wherever it does. */
  endAll(): void
}

/** A poll takes a connection, and all of an environment's go to it at once when it wakes. */
const perEnvironmentMax = 100

export function createKeptPolls(clock: Clock): KeptPolls {
  const polls = new Map<string, Set<(end: PollEnd) => void>>()

  const held = new Map<string, Set<AbortController>>()

  function callBack(environment: string) {
    for (const poll of held.get(environment) ?? []) poll.abort()
  }

  function endEach(environment: string, end: PollEnd) {
    for (const settle of polls.get(environment) ?? []) settle(end)
  }

  return {
    keep(environment, response, { ms, end }) {
      const waiting = polls.get(environment) ?? new Set()
      if (waiting.size >= perEnvironmentMax) return undefined
      polls.set(environment, waiting)
      const { promise, resolve } = Promise.withResolvers<PollEnd>()
      const settle = (end: PollEnd) => {
        stopTimer()
        response.off('close', leave)
        waiting.delete(settle)
        if (waiting.size === 0 && polls.get(environment) === waiting) polls.delete(environment)
        resolve(end)
      }
      const leave = () => settle('left')
      const stopTimer = clock.after(ms, () => settle(end))
      response.on('close', leave)
      waiting.add(settle)
      return promise
    },
    hold(environment) {
      const poll = new AbortController()
      const all = held.get(environment) ?? new Set()
      held.set(environment, all.add(poll))
      const over = () => {
        all.delete(poll)
        if (all.size === 0 && held.get(environment) === all) held.delete(environment)
      }
      return { calledBack: poll.signal, over }
    },
    noteState(environment, state) {
      if (/^(stopping|asleep|suspended|disabled)$/.test(state)) callBack(environment)
      // Who is not served gets the answer that says so.
      if (state === 'awake' || state === 'suspended' || state === 'disabled') {
        endEach(environment, 'go')
      }
    },
    endAll() {
      for (const environment of [...polls.keys()]) endEach(environment, 'over')
      for (const environment of held.keys()) callBack(environment)
    },
  }
}
