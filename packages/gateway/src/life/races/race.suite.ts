import { createManualClock } from '../../manual-clock.suite.ts'
import { silent } from '../../silent-log.suite.ts'
import { defaultLifeLimits } from '../life-limits.ts'
import { createLives, type Lives } from '../lives.ts'
import type { Turn, Wanted } from '../turn.ts'
import { type Chance, createRaceWorld, type RaceWorld } from './world.suite.ts'

export interface RaceOptions {
  readonly seed: number
  /** Ends after so many sleeps. */
  readonly sleeps: number
  readonly gateways: number
  readonly isFragile?: boolean
  readonly isPartitioned?: boolean
  readonly isSealing?: boolean
}

export interface RaceResult {
  readonly requests: number
  readonly sleeps: number
  readonly starts: number
  /** Requests under which their process has crashed. */
  readonly cutOff: number
  /** How the requests ended; `served` and `left` are the only good ends, `broken` is a crash under a request. */
  readonly ends: Readonly<Record<string, number>>
  readonly fouls: readonly string[]
}

const idleMs = 300

/** Requests around the moments of sleep, against the production protocol, queue and shell. */
export async function race(options: RaceOptions): Promise<RaceResult> {
  const { seed, sleeps, gateways } = options
  const chance = createChance(seed)
  const clock = createManualClock()
  const world = createRaceWorld({
    clock,
    chance,
    gateways,
    idleMs,
    isFragile: options.isFragile ?? false,
    isPartitioned: options.isPartitioned ?? false,
    isSealing: options.isSealing ?? true,
  })
  const lives = Array.from({ length: gateways }, (_, index) =>
    createLives({
      self: `g${index}`,
      waker: world.waker(index),
      clock,
      random: () => chance.between(0, 1),
      limits: { ...defaultLifeLimits, graceMs: 0, sweepMs: 40, circuitMs: [10, 10] },
      log: silent,
    }),
  )
  const ends: Record<string, number> = {}
  let [requests, open] = [0, 0]
  const end = (how: string) => {
    ends[how] = (ends[how] ?? 0) + 1
    open -= 1
  }

  function come() {
    const gateway = lives[Math.floor(chance.between(0, gateways))]
    if (gateway === undefined) return
    requests += 1
    open += 1
    void visit(gateway, { clock, chance, world }).then(end, (error: unknown) => end(String(error)))
  }
  function again() {
    if (world.sleeps >= sleeps) return
    for (let crowd = chance.is(0.1) ? 10 : 1; crowd > 0; crowd -= 1) come()
    // Most come about when the environment is put to sleep.
    clock.after(chance.is(0.7) ? chance.between(250, 420) : chance.between(0, 60), again)
  }
  again()
  // Without a bound a request that is forgotten would be waited for without end.
  const patience = sleeps * 400 + 10_000
  let steps = 0
  while ((world.sleeps < sleeps || open > 0) && steps < patience * 10) {
    steps += 1
    if (!(await clock.next())) break
  }
  for (const one of lives) one.close()
  return {
    requests,
    sleeps: world.sleeps,
    starts: world.starts,
    cutOff: world.cutOff,
    ends: open > 0 ? { ...ends, forgotten: open } : ends,
    fouls: world.fouls,
  }
}

interface Visit {
  readonly clock: ReturnType<typeof createManualClock>
  readonly chance: Chance
  readonly world: RaceWorld
}

/** One request from its coming to its end. */
async function visit(lives: Lives, { clock, chance, world }: Visit): Promise<string> {
  const leaves = chance.is(0.05) ? chance.between(1, 50) : undefined
  const wanted: Wanted = {
    bytes: 0,
    since: clock.now(),
    cause: 'request',
    onLeft: (run) => (leaves === undefined ? () => {} : clock.after(leaves, run)),
  }
  const pause = (from: number, to: number) =>
    new Promise<void>((resolve) => clock.after(chance.between(from, to), resolve))
  let turn: Turn = await lives.turn('acme-prod', wanted)
  while (turn.type === 'go') {
    const { backend, life } = turn
    await pause(0, 3)
    const outcome = world.take(backend)
    if (outcome === 'taken') {
      await pause(0, chance.is(0.1) ? 500 : 30)
      const isWhole = world.finish(backend)
      life.finish(turn, true)
      return isWhole ? 'served' : 'broken'
    }
    turn = await life.refuse(turn, outcome === 'sealed', wanted)
  }
  return turn.because
}

/** Mulberry32. */
function createChance(seed: number): Chance {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    between: (from, to) => from + (to - from) * next(),
    is: (probability) => next() < probability,
  }
}
