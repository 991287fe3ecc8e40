import { newLife } from '../life.ts'
import { Violation } from '../model/explore.suite.ts'
import { createNumberTable } from '../model/number-table.suite.ts'
import { pathTo } from '../model/path-to.suite.ts'
import type { LifeRecord } from '../record.ts'
import { older } from './ageing.suite.ts'
import { gatewayMoves } from './gateway-moves.suite.ts'
import { newGateway, outsideMoves } from './outside-moves.suite.ts'
import { foulEnd, foulRest, foulWorld } from './promises.suite.ts'
import type { Rules } from './rules.suite.ts'
import { processMoves, requestMoves } from './site-moves.suite.ts'
import {
  type Budget,
  type Cause,
  type Ending,
  type Move,
  ticks,
  type World,
  withScene,
} from './world.suite.ts'
import { createWorldKeys } from './world-keys.suite.ts'

export interface TimedOptions {
  readonly requests: readonly Cause[]
  readonly isUpAtFirst: boolean
  readonly budget: Partial<Budget>
  readonly rules: Rules
}

export type Happening = Ending | 'asleep' | 'woken' | 'called off'

export interface TimedExploration {
  readonly worlds: number
  /** What has happened in any of them. */
  readonly happened: ReadonlySet<Happening>
}

/** Visits every world that can be reached, each once; throws at the first broken promise. */
export function exploreTimed(options: TimedOptions): TimedExploration {
  const { rules } = options
  const first = firstWorld(options)
  const keys = createWorldKeys()
  const table = createNumberTable()
  const happened = new Set<Happening>()
  const explored = {
    ...{ first, keyOf: keys.keyOf, fromOf: table.fromOf },
    movesOf: (world: World) => movesOf(world, rules),
  }
  table.add(keys.keyOf(first), -1)
  let frontier: Found[] = [{ key: keys.keyOf(first), world: first }]
  while (frontier.length > 0) {
    const next: Found[] = []
    if (table.size > worldsMax) throw new Error('too many worlds')
    for (const { key, world } of frontier) {
      const moves = movesOf(world, rules)
      const reached = moves.map((move) => keys.keyOf(move.world))
      const isOver = moves.every(({ isOutside }, at) => isOutside || reached[at] === key)
      const foul = foulOf(world, moves, isOver)
      if (foul !== undefined) throw new Violation(foul, pathTo(key, explored))
      note(world, happened)
      for (const [at, move] of moves.entries()) {
        const to = reached[at] ?? key
        if (table.add(to, key)) next.push({ key: to, world: keys.shared(move.world) })
      }
    }
    frontier = next
  }
  return { worlds: table.size, happened }
}

/** Something grows without end, or the model is too large for a test. */
const worldsMax = 1_000_000

interface Found {
  readonly key: number
  readonly world: World
}

function foulOf(world: World, moves: readonly Move[], isOver: boolean): string | undefined {
  const foul = foulWorld(world)
  if (foul !== undefined) return foul
  const isAtRest = !moves.some(({ isPrompt }) => isPrompt)
  return (isAtRest ? foulRest(world, moves) : undefined) ?? (isOver ? foulEnd(world) : undefined)
}

function note({ record, scene }: World, happened: Set<Happening>) {
  if (record.state === 'down') happened.add('asleep')
  if (record.generation > 1) happened.add('woken')
  if (scene.calledOffAt === 0) happened.add('called off')
  for (const request of scene.requests) if (request.state === 'ended') happened.add(request.how)
}

function movesOf(world: World, rules: Rules): readonly Move[] {
  const moves = [
    ...processMoves(world),
    ...requestMoves(world, rules),
    ...world.gateways.flatMap((_, index) => gatewayMoves(world, index, rules)),
    ...outsideMoves(world, rules),
  ]
  return [...moves, ...passing(world, moves)]
}

/** A tick: whatever takes no time worth one has come by then, but for a few times. */
function passing(world: World, moves: readonly Move[]): readonly Move[] {
  if (!moves.some(({ isPrompt }) => isPrompt)) return [{ name: 'a tick', world: older(world) }]
  const { budget } = world.scene
  if (budget.delays === 0 || moves.some(({ name }) => name.includes(tooLong))) return []
  const spent = withScene(world, {
    budget: { ...budget, delays: budget.delays - 1 },
    delays: world.scene.delays + 1,
  })
  return [{ name: 'a tick, and not all has come', world: older(spent), isOutside: true }]
}

/** The end of a wait is nothing that is on its way. */
const tooLong = 'has waited too long'

function firstWorld({ requests, isUpAtFirst, budget }: TimedOptions): World {
  const longAgo = -ticks.ages
  const state = isUpAtFirst ? 'up' : 'down'
  const record: LifeRecord = { generation: 1, state, words: [], since: longAgo, wokenAt: 0 }
  const backend = isUpAtFirst
    ? ({ status: 'ready', process: '1' } as const)
    : ({ status: 'gone' } as const)
  const gateway = newGateway({ ...newLife(record, longAgo - 1), backend })
  return {
    record,
    gateways: [gateway, gateway],
    scene: {
      process: { state: isUpAtFirst ? 'ready' : 'none', generation: 1 },
      requests: requests.map((cause) => ({ state: 'new', cause })),
      service: 'active',
      budget: { ...nothing, ...budget },
      delays: 0,
      writes: 0,
      calledOffAt: longAgo,
      isAsked: false,
      orderedGeneration: undefined,
      foul: undefined,
    },
  }
}

const nothing: Budget = {
  signs: 0,
  keeps: 0,
  orders: 0,
  failures: 0,
  repairs: 0,
  renewals: 0,
  services: 0,
  restarts: 0,
  handovers: 0,
  departures: 0,
  delays: 0,
}
