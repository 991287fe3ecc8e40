import { setTimeout as delay } from 'node:timers/promises'
import { choose, numberFrom } from './choice.suite.ts'
import { differences, type Facts, readFacts } from './facts.suite.ts'
import { type Machine, openMachine } from './machine.suite.ts'
import { type Order, type Point, phases, type Victim, victims } from './points.suite.ts'
import {
  lodger,
  removeForGood,
  residents,
  type Scenario,
  scenarios,
  type Wish,
} from './scenarios.suite.ts'
import { findVictims } from './victims.suite.ts'

/** A look at everything is work, of which the machine has enough. */
const betweenLooksMs = 200
/** A machine that is busy otherwise takes long. */
const patienceMs = 120_000

/** What a scenario passes when nobody dies, and where it ends. */
export interface Recording {
  readonly points: readonly PointCount[]
  readonly end: Facts
}

interface PointCount extends Point {
  readonly times: number
}

export interface Killing {
  readonly seed: string
  readonly scenario: Scenario
  readonly order: Order
  /** Then the blow comes so long after the wish, wherever everybody is, and not by the order. */
  readonly blindMs: number | undefined
}

/** So many of the runs strike blindly: what has no effect that is known is struck too. */
const blindShare = 8
const blindMsMax = 3_000

export interface Bench {
  readonly machine: Machine
  readonly recordings: Map<string, Recording>
  /** What is passed while nobody wants anything: it comes in the way of every recording, now and then. */
  readonly idle: readonly PointCount[]
  /** How things stand between two runs. */
  base: Facts
}

/** A machine with its residents, at rest. */
export async function openBench(): Promise<Bench> {
  const machine = await openMachine()
  for (const { name, wish } of residents) await fulfil(machine, wish, name)
  await untilStill(machine)
  machine.points.record()
  const base = await untilStill(machine)
  const idle = countPoints(machine.points.takePassed())
  return { machine, recordings: new Map(), idle, base }
}

/** Plays a scenario through once, undisturbed. */
export async function record(bench: Bench, scenario: Scenario): Promise<Recording> {
  const { machine } = bench
  const name = nameOf(scenario, `recording ${scenario.name}`)
  for (const wish of scenario.before) await fulfil(machine, wish, name)
  machine.points.record()
  await fulfil(machine, scenario.wish, name)
  const end = await untilStill(machine)
  const idle = new Set(bench.idle.map(({ label }) => label))
  const passed = machine.points.takePassed().filter(({ label }) => !idle.has(label))
  const points = countPoints(passed)
  const recording = { points, end }
  bench.recordings.set(scenario.name, recording)
  await restore(bench, scenario, name)
  return recording
}

function countPoints(passed: readonly Point[]): readonly PointCount[] {
  const counts = new Map<string, PointCount>()
  for (const point of passed) {
    const key = `${point.label} ${point.phase}`
    counts.set(key, { ...point, times: (counts.get(key)?.times ?? 0) + 1 })
  }
  return [...counts.values()]
}

/** A point in words, and back: `after server step pod/conclude (2)`. */
export function wordsOf({ phase, label, occurrence }: Moment): string {
  return `${phase} ${label}${occurrence > 1 ? ` (${occurrence})` : ''}`
}

export type Moment = Pick<Order, 'phase' | 'label' | 'occurrence'>

export function parseMoment(words: string): Moment {
  const [, before = '', label = '', times = '1'] = /^(\w+) (.*?)(?: \((\d+)\))?$/.exec(words) ?? []
  const phase = phases.find((one) => one === before)
  if (phase === undefined) throw new Error(`a moment is PHASE LABEL (TIMES), not ${words}`)
  return { phase, label, occurrence: Number(times) }
}

/** What is said besides the seed, and holds against it. */
export interface Chosen {
  readonly at?: Moment | undefined
  /** Name of a scenario. */
  readonly only?: string | undefined
}

/** What a seed means: always the same scenario, victim and, as far as it was recorded, the same point. */
export async function killingOf(
  bench: Bench,
  seed: string,
  { at, only }: Chosen = {},
): Promise<Killing> {
  const open = scenarios.filter(({ name }) => only === undefined || name === only)
  const scenario = choose(`${seed} scenario`, open, ({ name }) => name)
  const recording = bench.recordings.get(scenario.name) ?? (await record(bench, scenario))
  const points = scenario.isIdle ? bench.idle : recording.points
  const point = choose(`${seed} point`, points, ({ label, phase }) => `${label} ${phase}`)
  const victim = choose<Victim>(`${seed} victim`, victims, (one) => one)
  const occurrence = 1 + (numberFrom(seed, 'occurrence') % Math.min(point.times, 3))
  const { label, phase } = point
  const isBlind = at === undefined && numberFrom(seed, 'blind') % blindShare === 0
  const moment = at ?? { label, phase, occurrence }
  return {
    seed,
    scenario,
    order: { id: seed, ...moment, victim, pick: numberFrom(seed, 'pick') },
    blindMs: isBlind ? numberFrom(seed, 'moment') % blindMsMax : undefined,
  }
}

/** One run: what was wished for comes true although somebody was killed on the way, and nothing is left over. */
export async function run(
  bench: Bench,
  { seed, scenario, order, blindMs }: Killing,
): Promise<Ended> {
  const { machine } = bench
  const { end } = bench.recordings.get(scenario.name) ?? (await record(bench, scenario))
  const name = nameOf(scenario, seed)
  for (const wish of scenario.before) await fulfil(machine, wish, name)
  machine.points.clear()
  if (blindMs === undefined) machine.points.give(order)
  const strike = setTimeout(() => killNow(machine, order), blindMs ?? 2 ** 30)
  const isPassed = await wishUntilKilled(machine, { wish: scenario.wish, name, end })
  clearTimeout(strike)
  if (!isPassed) killNow(machine, order)
  await untilGone(machine, order)
  await fulfil(machine, scenario.wish, name)
  await untilSame(machine, end, `the end of "${scenario.name}"`)
  await restore(bench, scenario, name)
  if (machine.faults.length > 0) throw new Error(machine.faults.join('\n'))
  return { isPassed }
}

export interface Ended {
  /** Whether the point was passed; else the blow came once all was done. */
  readonly isPassed: boolean
}

function nameOf({ ownTenant }: Scenario, seed: string): string {
  return ownTenant
    ? `kx${numberFrom(seed, 'name').toString(36).slice(-6).padStart(6, 'x')}`
    : lodger
}

/** Asks once; false when all came about with nobody killed. */
async function wishUntilKilled(machine: Machine, asked: Asked): Promise<boolean> {
  const { wish, name, end } = asked
  const answer = wish.ask(machine, name).catch(() => undefined)
  const isKilled = () => machine.points.killed().length > 0
  const deadline = Date.now() + patienceMs
  while (!isKilled() && Date.now() < deadline) {
    const hasCome = await wish.hasCome(machine, name).catch(() => false)
    // What follows upon it was recorded too: standbys are filled, folders removed.
    if (hasCome && (await isSame(machine, end))) break
    await delay(hasCome ? betweenLooksMs : 20)
  }
  await answer
  machine.points.takeBack()
  return isKilled()
}

interface Asked {
  readonly wish: Wish
  readonly name: string
  readonly end: Facts
}

async function isSame(machine: Machine, wanted: Facts): Promise<boolean> {
  const found = await readFacts(machine.stateDir).catch(() => undefined)
  return found !== undefined && differences(found, wanted).length === 0
}

function killNow({ stateDir, points }: Machine, { victim, pick }: Order) {
  const pids = findVictims(victim, { stateDir, pick })
  points.tellKilled(pids)
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
}

/** A server that was killed is seen to have ended before anybody asks it. */
async function untilGone(machine: Machine, { victim }: Order) {
  if (victim !== 'server' && victim !== 'all') return
  if (machine.points.killed().includes(machine.pulse().pid)) await machine.pulse().exited
}

/** Asks once, and again whenever there was no answer or the Pulse that was asked is no more, until it has come true. */
async function fulfil(machine: Machine, wish: Wish, name: string): Promise<void> {
  const deadline = Date.now() + patienceMs
  let asked: number | undefined
  let last: unknown
  while (Date.now() < deadline) {
    try {
      if (!machine.isUp()) await machine.start()
      if (asked !== machine.pulse().pid) {
        await wish.ask(machine, name)
        asked = machine.pulse().pid
      }
      if (await wish.hasCome(machine, name)) return
    } catch (error) {
      last = error
    }
    await delay(20)
  }
  throw new Error(`"${name}" waited in vain: ${String(last)}`, { cause: last })
}

/** Back to how things stood before the run. */
async function restore({ machine, base }: Bench, scenario: Scenario, name: string): Promise<void> {
  for (const wish of scenario.undo) await fulfil(machine, wish, name)
  if (scenario.ownTenant) await fulfil(machine, removeForGood, name)
  await untilSame(machine, base, `the state before "${scenario.name}"`)
}

async function untilSame(machine: Machine, wanted: Facts, what: string): Promise<void> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const found = await readFacts(machine.stateDir).catch(() => undefined)
    const apart = found && differences(found, wanted)
    if (apart?.length === 0) return
    if (Date.now() > deadline) {
      throw new Error(`not ${what}:\n${(apart ?? ['PostgreSQL does not answer']).join('\n')}`)
    }
    await delay(betweenLooksMs)
  }
}

/** Resolves with how things stand once they have stood so for a while. */
async function untilStill(machine: Machine): Promise<Facts> {
  const looks = 8
  const deadline = Date.now() + patienceMs
  let before: Facts = []
  let same = 0
  while (Date.now() < deadline) {
    const now = await readFacts(machine.stateDir)
    same = differences(now, before).length === 0 ? same + 1 : 0
    if (same >= looks) return now
    before = now
    await delay(betweenLooksMs)
  }
  throw new Error('this machine does not come to rest')
}
