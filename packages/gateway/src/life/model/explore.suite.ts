import { type Life, newLife } from '../life.ts'
import type { LifeRecord } from '../record.ts'
import { gatewayMoves } from './gateway-moves.suite.ts'
import { createNumberTable } from './number-table.suite.ts'
import { pathTo } from './path-to.suite.ts'
import { processMoves } from './process-moves.suite.ts'
import { requestMoves } from './request-moves.suite.ts'
import type { Budget, Move, Request, Rules, World } from './world.suite.ts'
import { createWorldKeys } from './world-keys.suite.ts'

/** A broken promise, with the moves that led to it. */
export class Violation extends Error {
  constructor(what: string, path: readonly string[]) {
    super(`${what}\n  ${path.join('\n  ')}`)
    this.name = 'Violation'
  }
}

export interface ModelOptions {
  readonly requests: number
  readonly budget: Budget
  readonly rules: Rules
  readonly isUpAtFirst: boolean
  /** One of the two gateways has died long ago. */
  readonly isOneDead?: boolean
}

export interface Exploration {
  /** How many worlds can be reached. */
  readonly worlds: number
  /** Whether any of them has gone to sleep, and woken again. */
  readonly slept: boolean
  readonly woke: boolean
}

/** Visits every reachable world, each once; throws at the first broken promise. */
export function explore(options: ModelOptions): Exploration {
  const first = firstWorld(options)
  const { generation } = first.record
  const keys = createWorldKeys()
  const seen = createNumberTable()
  const explored = {
    ...{ first, keyOf: keys.keyOf, fromOf: seen.fromOf },
    movesOf: (one: World) => movesOf(one, options.rules),
  }
  seen.add(keys.keyOf(first), -1)
  let frontier: Found[] = [{ key: keys.keyOf(first), world: first }]
  let [slept, woke] = [false, false]
  while (frontier.length > 0) {
    const next: Found[] = []
    for (const { key, world } of frontier) {
      const moves = movesOf(world, options.rules)
      const broken = brokenPromise(world, { moves, isEverybodyHeard: isEverybodyHeard(options) })
      if (broken !== undefined) {
        throw new Violation(broken, pathTo(key, explored))
      }
      slept ||= world.record.state === 'down'
      woke ||= world.record.generation > generation
      for (const move of moves) {
        const reached = keys.keyOf(move.world)
        if (seen.add(reached, key)) next.push({ key: reached, world: keys.shared(move.world) })
      }
    }
    frontier = next
  }
  return { worlds: seen.size, slept, woke }
}

/** Nobody can be silent, so nobody is left out of a decision. */
function isEverybodyHeard({ budget }: ModelOptions): boolean {
  return budget.freezes === 0 && budget.gatewayDeaths === 0
}

interface Found {
  readonly key: number
  readonly world: World
}

function firstWorld({ requests, budget, isUpAtFirst, isOneDead = false }: ModelOptions): World {
  const state = isUpAtFirst ? 'up' : 'down'
  const record: LifeRecord = { generation: 1, state, words: [], since: 0 }
  const life = newLife(record, 0)
  const ready: Life = { ...life, backend: { status: 'ready', process: '0' } }
  return {
    record,
    processes: isUpAtFirst ? [{ generation: 1, state: 'ready' }] : [],
    gateways: [0, 1].map((index) => {
      const isDead = isOneDead && index === 1
      return {
        life: isUpAtFirst ? ready : life,
        is: isDead ? ('dead' as const) : ('alive' as const),
        hasLease: !isDead,
        answer: undefined,
        refusedBy: undefined,
        isWanted: false,
      }
    }),
    requests: Array.from({ length: requests }, () => ({ state: 'new' as const })),
    budget,
    foul: undefined,
  }
}

/** What must hold in every world. */
function brokenPromise(
  world: World,
  {
    moves,
    isEverybodyHeard,
  }: { readonly moves: readonly Move[]; readonly isEverybodyHeard: boolean },
): string | undefined {
  const { foul, requests, processes } = world
  if (foul !== undefined) return foul
  if (requests.some(({ state }) => state === 'lost')) return 'a request is lost'
  const living = processes.filter(({ state }) => state !== 'gone')
  if (living.length > 1) return 'two processes of one environment'
  const isRefusedBySealed = (request: Request) =>
    request.state === 'refused' && processes[request.process]?.state === 'sealed'
  if (isEverybodyHeard && requests.some(isRefusedBySealed)) {
    return 'a request goes to a process that everybody had agreed to stop'
  }
  const isWaiting = (request: Request) =>
    'gateway' in request && world.gateways[request.gateway]?.is === 'alive'
  if (moves.some(isProgress)) return undefined
  if (requests.some(isWaiting)) return 'a request waits for ever'
  if (world.gateways.some(({ is, isWanted }) => is === 'alive' && isWanted)) {
    return 'a wake ends with the client that wanted it'
  }
  return undefined
}

/** What comes by itself, without anybody wanting or breaking something. */
function isProgress({ name }: Move): boolean {
  return !/^(sweep|order|die|freeze|crash|leave|arrive|lease|thaw)/.test(name)
}

/** Everything that can happen next. */
function movesOf(world: World, rules: Rules): readonly Move[] {
  return [
    ...processMoves(world, rules.process),
    ...requestMoves(world, rules),
    ...world.gateways.flatMap((_, index) => gatewayMoves(world, index, rules)),
  ]
}
