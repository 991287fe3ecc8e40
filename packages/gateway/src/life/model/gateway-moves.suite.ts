import { type Life, newLife } from '../life.ts'
import { isSameRecord, type LifeRecord } from '../record.ts'
import { tell } from './tell.suite.ts'
import {
  backendOf,
  type GatewayState,
  type Move,
  type Request,
  type Rules,
  type World,
  withGateway,
} from './world.suite.ts'

/** What can happen to each gateway. */
export function gatewayMoves(world: World, index: number, rules: Rules): readonly Move[] {
  const gateway = world.gateways[index]
  if (gateway === undefined) return []
  const become = (next: Change, rest: Partial<World> = {}): World =>
    withGateway({ ...world, ...rest }, index, changed(gateway, next))
  const { budget } = world
  const moves: Move[] = []
  if (gateway.is !== 'alive' && gateway.hasLease) {
    moves.push({ name: `lease of gateway ${index} ends`, world: become({ hasLease: false }) })
  }
  // A write that was sent is carried out whatever becomes of its sender.
  const { writing } = gateway.life
  if (writing !== undefined && gateway.answer === undefined)
    moves.push(write(world, { gateway, index, next: writing, rules }))
  if (gateway.is === 'frozen') {
    moves.push({ name: `thaw gateway ${index}`, world: become({ is: 'alive', hasLease: true }) })
  }
  if (gateway.is !== 'alive') return moves

  if (gateway.answer !== undefined) {
    const told = tell(
      become({ answer: undefined }),
      index,
      { type: 'written', record: gateway.answer },
      { rules },
    )
    if (told !== undefined) moves.push({ name: `gateway ${index} hears of its write`, world: told })
  } else if (writing === undefined && !isSameRecord(gateway.life.record, world.record)) {
    const told = tell(world, index, { type: 'read', record: world.record }, { rules })
    if (told !== undefined) moves.push({ name: `gateway ${index} reads the record`, world: told })
  }
  const backend = backendOf(world)
  if (!isSameBackend(backend, gateway.life.backend)) {
    const told = tell(world, index, { type: 'looked', backend }, { rules })
    if (told !== undefined)
      moves.push({ name: `gateway ${index} looks: ${backend.status}`, world: told })
  }
  moves.push(...sweeps(world, index, rules))
  if (budget.gatewayDeaths > 0) {
    const requests = world.requests.map(
      (request): Request =>
        'gateway' in request && request.gateway === index ? { state: 'ended' } : request,
    )
    const spent = { ...budget, gatewayDeaths: budget.gatewayDeaths - 1 }
    moves.push({
      name: `die: gateway ${index}`,
      world: become({ is: 'dead' }, { requests, budget: spent }),
    })
  }
  if (budget.freezes > 0) {
    const spent = { ...budget, freezes: budget.freezes - 1 }
    moves.push({
      name: `freeze gateway ${index}`,
      world: become({ is: 'frozen' }, { budget: spent }),
    })
  }
  return moves
}

/** By itself, or because it was asked to. */
function sweeps(world: World, index: number, rules: Rules): readonly Move[] {
  const { budget, gateways } = world
  return (['sweeps', 'orders'] as const).flatMap((kind): readonly Move[] => {
    if (budget[kind] === 0) return []
    const isAsked = kind === 'orders'
    const told = tell(world, index, { type: 'swept', isAsked }, { rules })
    const isNews = told?.gateways[index]?.life.writing !== gateways[index]?.life.writing
    if (told === undefined || !isNews) return []
    const spent = { ...budget, [kind]: budget[kind] - 1 }
    const name = `${isAsked ? 'order to' : 'sweep of'} gateway ${index}`
    return [{ name, world: { ...told, budget: spent } }]
  })
}

interface Write {
  readonly gateway: GatewayState
  readonly index: number
  readonly next: LifeRecord
  readonly rules: Rules
}

function write(world: World, { gateway, index, next, rules }: Write): Move {
  const known = gateway.life.record
  const isDone = rules.store.isSame(known, world.record)
  const record = isDone ? next : world.record
  const isBlind = isDone && wordsOf(known) !== wordsOf(world.record)
  const foul = isBlind ? 'a write goes over one that its writer did not know of' : world.foul
  return {
    name: `gateway ${index} writes ${next.state}: ${isDone ? 'done' : 'too late'}`,
    world: withGateway({ ...world, record, foul }, index, changed(gateway, { answer: record })),
  }
}

/** All that a record says, whatever the protocol compares of it. */
function wordsOf({ generation, state, words, since, isOrdered = false }: LifeRecord): string {
  return JSON.stringify([generation, state, since, isOrdered, words.toSorted()])
}

type Change = Partial<Omit<GatewayState, 'life'>>

const changes = new WeakMap<GatewayState, Map<string, GatewayState>>()

/** The same change of the same gateway is one object: what was found out about it is not found out again. */
function changed(gateway: GatewayState, next: Change): GatewayState {
  const known = changes.get(gateway) ?? new Map<string, GatewayState>()
  changes.set(gateway, known)
  const answer = 'answer' in next ? JSON.stringify(next.answer) : ''
  const key = `${next.is} ${next.hasLease} ${answer}`
  const made = known.get(key) ?? withoutPast({ ...gateway, ...next })
  known.set(key, made)
  return made
}

/** Of the dead only a write under way still matters. */
function withoutPast(gateway: GatewayState): GatewayState {
  const { life, is, answer } = gateway
  if (is !== 'dead') return gateway
  const { record, writing } = life
  const isOnTheWay = writing !== undefined && answer === undefined
  const left = isOnTheWay ? { ...pastLife, record, writing } : pastLife
  return { ...gateway, life: left, answer: undefined, refusedBy: undefined, isWanted: false }
}

const pastLife = newLife({ generation: 0, state: 'down', words: [], since: 0 }, 0)

function isSameBackend(one: Life['backend'], other: Life['backend']): boolean {
  if (one.status !== 'ready' || other.status !== 'ready') return one.status === other.status
  return one.process === other.process
}
