import type { Log } from '@pulse/api'
import type { Clock } from '../clock.ts'
import { createHoldQueue } from '../hold/hold-queue.ts'
import type { Backend } from '../route-source.ts'
import { EnvironmentLife } from './environment-life.ts'
import { createHand } from './hand.ts'
import { createKnownLives } from './known-lives.ts'
import type { LifeLimits } from './life-limits.ts'
import type { LifeState } from './life-state.ts'
import { type LifeView, viewOf } from './life-view.ts'
import { createPlaces } from './places.ts'
import type { RefusedSleep } from './refused-sleeps.ts'
import { startSweeper } from './sweeper.ts'
import type { NoTurn, Turn, Wanted } from './turn.ts'
import type { HoldFacts, Waiter } from './waiting-room.ts'
import type { WakeCause, WakeFacts } from './wake-facts.ts'
import type { Waker } from './waker.ts'
import { leavesBy } from './wanting.ts'

export interface LivesOptions {
  /** Name of this gateway, unlike that of all others who share the store. */
  readonly self: string
  readonly waker: Waker
  readonly clock: Clock
  /** Epoch milliseconds, as people's orders have them; the clock's own if absent. */
  readonly epoch?: () => number
  readonly random: () => number
  readonly limits: LifeLimits
  readonly log: Log
  readonly onState?: (environment: string, state: LifeState) => void
  readonly onWake?: (facts: WakeFacts) => void
  readonly onHeld?: (facts: HoldFacts) => void
  /** A schedule wants it; told before it is woken for it. */
  readonly onSchedule?: (environment: string) => void
  /** It was told to sleep by hand and cannot begin to; told again and again, each time twice as late. */
  readonly onRefusedSleep?: (facts: RefusedSleep) => void
  /** It is suspended or disabled, and requests under way there do not end by themselves. */
  readonly onOverstay?: (environment: string) => void
}

/** The lives of all environments that are awake or wanted: who may go, who waits, who is put to sleep. */
export interface Lives {
  /** Asks for an environment on behalf of a request; what became of it is told to the `life` of the answer. */
  turn(environment: string, wanted: Wanted): Turn | Promise<Turn>
  /** Wakes it without a request; resolves when it can serve, or with why it cannot. The signal ends the wait alone. */
  wake(
    environment: string,
    cause: WakeCause,
    signal?: AbortSignal,
  ): Promise<'awake' | NoTurn['because']>
  /** A backend that is ready now, for what is no request: it keeps nobody awake, and wakes nobody. */
  ready(environment: string): Backend | undefined
  /** A backend took nothing of what is no request: sealed, or it is not whom we meant. */
  doubt(environment: string, backend: Backend, isSealed: boolean): void
  /** A sign of a user that is no request. */
  active(environment: string): void
  /** It stays awake until then, unless it is asked to sleep by hand. */
  keepAwake(environment: string, until: number): void
  state(environment: string): LifeState | undefined
  /** By the gateway's own clock, as `Wanted.since` has it. */
  now(): number
  /** Looks at it without a wish: one that sleeps goes on sleeping, and nothing is remembered of it. */
  view(environment: string): LifeView | undefined
  /** It is gone, or another one by now. */
  forget(environment: string): void
  /** Requests that wait, in all. */
  readonly held: number
  /** Environments that wait for a place among those that start. */
  readonly startsWaiting: number
  close(): void
}

/** So many at once keep the store busy. */
const questionsMax = 4

export function createLives(options: LivesOptions): Lives {
  const { waker, clock, limits, epoch = clock.now } = options
  const closed = new AbortController()
  const queue = createHoldQueue<Waiter>(limits.hold)
  const hand = createHand({ clock, epoch, wake: (environment) => void wake(environment, 'asked') })
  const startedAt = clock.now()
  /** Who is active it has not seen, of one that was up before it started: its predecessor may have. */
  const isUnknown = ({ sight: { record, idleMs = 0 } }: Pick<EnvironmentLife, 'sight'>) =>
    record.since < startedAt && clock.now() < startedAt + idleMs
  const isKept = (life: Pick<EnvironmentLife, 'environment' | 'sight'>) =>
    clock.now() < startedAt + limits.graceMs || isUnknown(life) || hand.isKeptAwake(life)
  const deps = {
    ...options,
    epoch,
    queue,
    places: createPlaces(limits.starts),
    questions: createPlaces(questionsMax),
    signal: closed.signal,
    isKept,
    onWake: (facts: WakeFacts) => options.onWake?.(facts),
    onHeld: (facts: HoldFacts) => options.onHeld?.(facts),
    onState(environment: string, state: LifeState) {
      lives.stirs(environment)
      if (state === 'stopping' || state === 'asleep') hand.slept(environment)
      options.onState?.(environment, state)
    },
  }

  const lives = createKnownLives(
    waker,
    (environment, sight) => new EnvironmentLife(environment, sight, deps),
  )

  function note(environment: string) {
    const life = lives.ofAwake(environment)
    life?.note()
    if (life?.sight.ask !== undefined) hand.heed(life)
  }

  const turn = (environment: string, wanted: Wanted): Turn | Promise<Turn> => {
    if (wanted.cause === 'schedule') options.onSchedule?.(environment)
    return lives.of(environment)?.turn(wanted) ?? { type: 'none', because: 'unknown' }
  }

  const wake = (environment: string, cause: WakeCause, signal?: AbortSignal) => {
    const wanted = { bytes: 0, since: clock.now(), cause, onLeft: leavesBy(signal) }
    return outcomeOf(turn(environment, wanted))
  }

  waker.onChange(note)
  for (const environment of waker.awake()) note(environment)
  const endSweeper = startSweeper({
    ...options,
    hand,
    isKept,
    up: lives.up,
    lifeOf: lives.of,
    forget(environment) {
      hand.forget(environment)
      lives.rests(environment)
    },
    onRest: (environment) => options.onState?.(environment, 'asleep'),
  })

  return {
    turn,
    wake,
    ready: (environment) => lives.ofAwake(environment)?.ready(),
    doubt: (environment, backend, isSealed) => lives.get(environment)?.doubt(backend, isSealed),
    active: (environment) => lives.get(environment)?.active(),
    keepAwake: hand.keepAwake,
    state: (environment) => lives.get(environment)?.state,
    now: clock.now,
    view: (environment) =>
      viewOf(lives.get(environment) ?? waker.see(environment), {
        now: clock.now(),
        lifeOf: () => lives.of(environment),
      }),
    forget: lives.forget,
    get held() {
      return queue.size
    },
    get startsWaiting() {
      return deps.places.waiting
    },
    close() {
      closed.abort()
      endSweeper()
      lives.close()
    },
  }
}

/** Of a turn with which nothing is to be done. */
async function outcomeOf(turn: Turn | Promise<Turn>): Promise<'awake' | NoTurn['because']> {
  const given = await turn
  if (given.type !== 'go') return given.because
  given.life.finish(given, false)
  return 'awake'
}
