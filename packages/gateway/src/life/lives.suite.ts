import { createManualClock, type ManualClock } from '../manual-clock.suite.ts'
import type { Backend } from '../route-source.ts'
import { silent } from '../silent-log.suite.ts'
import { defaultLifeLimits, type LifeLimits } from './life-limits.ts'
import type { LifeState } from './life-state.ts'
import { createLives, type Lives } from './lives.ts'
import { isSameRecord, type LifeRecord } from './record.ts'
import type { Go, Turn, Wanted } from './turn.ts'
import type { WakeFacts } from './wake-facts.ts'
import type { Sight, Waker } from './waker.ts'

/** One gateway on a clock that stands still, with environments whose processes do as the test says. */
export interface TestLives {
  readonly lives: Lives
  readonly clock: ManualClock
  readonly states: readonly (readonly [string, LifeState])[]
  readonly wakes: readonly WakeFacts[]
  /** Every record that was written, in order. */
  readonly writes: readonly (readonly [string, LifeRecord])[]
  /** Changes what can be seen of one; a record counts as somebody's write. */
  change(environment: string, sight: Partial<Sight>): void
  /** Nobody knows it any more, until it is changed again. */
  remove(environment: string): void
  sight(environment: string): Sight
  /** Asks for it as a request does. */
  ask(environment: string): Promise<Turn>
}

export const backend = (process: string): Backend => ({
  address: '127.0.0.1',
  httpPort: 1,
  websocketPort: 1,
  process,
})

const asleep: Sight = {
  record: { generation: 1, state: 'down', words: [], since: 0 },
  version: 1,
  ready: [],
  starting: [],
  leaving: 0,
  isGone: true,
  service: 'active',
  idleMs: 60_000,
  wakeTimeoutMs: 300_000,
  concurrency: 2,
  priority: 0,
}

/** Up, idle since the clock's beginning. */
export const awake: Partial<Sight> = {
  record: { generation: 1, state: 'up', words: [], since: 0 },
  ready: [backend('p1')],
  isGone: false,
}

export function createTestLives(
  environments: Readonly<Record<string, Partial<Sight>>>,
  limits: Partial<LifeLimits> = {},
  more: (waker: Waker) => Partial<Waker> = () => ({}),
): TestLives {
  const clock = createManualClock()
  const sights = new Map(
    Object.entries(environments).map(([name, sight]) => [name, { ...asleep, ...sight }]),
  )
  const listeners: ((environment: string) => void)[] = []
  const states: (readonly [string, LifeState])[] = []
  const wakes: WakeFacts[] = []
  const writes: (readonly [string, LifeRecord])[] = []
  const sight = (name: string) => sights.get(name) ?? asleep
  let version = 1

  function change(name: string, next: Partial<Sight>) {
    version += 1
    sights.set(name, { ...sight(name), version, ...next })
    for (const listener of listeners) listener(name)
  }

  function remove(name: string) {
    sights.delete(name)
    for (const listener of listeners) listener(name)
  }

  const waker: Waker = {
    see: (name) => sights.get(name),
    look: async (name) => sights.get(name),
    async write(name, { expected, next }) {
      if (!sights.has(name)) throw new Error(`${name} has no workers`)
      if (isSameRecord(sight(name).record, expected)) {
        writes.push([name, next])
        change(name, { record: next })
      }
      return sight(name)
    },
    isReady: async () => false,
    doubt() {},
    members: () => ['gateway'],
    awake: () => [...sights].flatMap(([name, { record }]) => (record.state === 'up' ? [name] : [])),
    onChange: (run) => void listeners.push(run),
  }
  const lives = createLives({
    self: 'gateway',
    waker: { ...waker, ...more(waker) },
    clock,
    random: () => 0.5,
    limits: { ...defaultLifeLimits, graceMs: 0, ...limits },
    log: silent,
    onState: (environment, state) => states.push([environment, state]),
    onWake: (facts) => wakes.push(facts),
  })
  const wanted = (): Wanted => ({
    bytes: 0,
    since: clock.now(),
    cause: 'request',
    onLeft: () => () => {},
  })
  return {
    lives,
    clock,
    states,
    wakes,
    writes,
    change,
    remove,
    sight,
    ask: async (environment) => await lives.turn(environment, wanted()),
  }
}

export function mustGo(turn: Turn | undefined): Go {
  if (turn?.type !== 'go') throw new Error(`no turn: ${JSON.stringify(turn)}`)
  return turn
}

/** Notes the turns as they are given. */
export function collect(asked: readonly Promise<Turn>[]): Turn[] {
  const given: Turn[] = []
  for (const turn of asked) void turn.then((one) => given.push(one))
  return given
}
