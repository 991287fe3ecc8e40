import { type LifeContext, type LifeEffect, type LifeEvent, stepLife } from '../life.ts'
import type { LifeRecord } from '../record.ts'
import {
  type GatewayState,
  type Request,
  type Rules,
  type World,
  withGateway,
  withRequest,
} from './world.suite.ts'

/** Lets one living gateway hear an event, and carries out what it decides for the request in question. */
export function tell(
  world: World,
  index: number,
  event: LifeEvent,
  { rules, request }: { readonly rules: Rules; readonly request?: number },
): World | undefined {
  const gateway = world.gateways[index]
  if (gateway === undefined || gateway.is !== 'alive') return undefined
  const { after, effects, foul } = hear(gateway, event, contextOf(world, index), rules)
  const told = { ...withGateway(world, index, after), foul: world.foul ?? foul }
  if (request === undefined) return told
  return withRequest(told, request, fateOf(effects, index))
}

interface Heard {
  readonly after: GatewayState
  readonly effects: readonly LifeEffect[]
  readonly foul: string | undefined
}

type Memory = WeakMap<GatewayState, Map<string, Heard>>

/** A pure step has one outcome, and the same gateways hear the same in very many worlds. */
const memories = new WeakMap<Rules, Memory>()

function hear(gateway: GatewayState, event: LifeEvent, context: LifeContext, rules: Rules): Heard {
  const memory: Memory = memories.get(rules) ?? new WeakMap()
  memories.set(rules, memory)
  const known = memory.get(gateway) ?? new Map<string, Heard>()
  memory.set(gateway, known)
  const key = `${context.self}${context.members.length}${context.members[0]}${wordsOf(event)}`
  const before = known.get(key)
  if (before !== undefined) return before
  const { life, effects } = stepLife(gateway.life, event, context, rules.life)
  const isRefused = event.type === 'refused' && event.isSealed
  const after = {
    ...gateway,
    life,
    refusedBy: isRefused ? event.process : gateway.refusedBy,
    isWanted: isStillWanted(gateway, event),
  }
  const heard = { after, effects, foul: foulOf(gateway, after, effects) }
  known.set(key, heard)
  return heard
}

/** Until its gateway knows that it is awake, or has been since. */
function isStillWanted({ life, isWanted }: GatewayState, event: LifeEvent): boolean {
  const { record, writing } = life
  if (event.type === 'left') return isWanted || record.state !== 'up' || writing !== undefined
  if (event.type !== 'read' && event.type !== 'written') return isWanted
  return isWanted && event.record.state !== 'up' && event.record.generation === record.generation
}

function wordsOf(event: LifeEvent): string {
  switch (event.type) {
    case 'looked':
      return `looked ${event.backend.status} ${event.backend.status === 'ready' ? event.backend.process : ''}`
    case 'read':
    case 'written': {
      const { generation, state, words, since, isOrdered = false } = event.record
      return `${event.type} ${generation} ${state} ${words.join()} ${since} ${isOrdered}`
    }
    case 'refused':
      return `refused ${event.process} ${event.isSealed}`
    case 'arrived':
    case 'released':
    case 'left':
      return event.type
    default:
      return JSON.stringify(event)
  }
}

function fateOf(effects: readonly LifeEffect[], gateway: number): Request {
  for (const effect of effects) {
    if (effect.type === 'forward')
      return { state: 'sent', gateway, process: Number(effect.process) }
    if (effect.type === 'hold') return { state: 'held', gateway }
    if (effect.type === 'answer') return { state: 'ended' }
  }
  return { state: 'lost' }
}

/** What a gateway must never decide, whatever comes of it. */
function foulOf(
  before: GatewayState,
  after: GatewayState,
  effects: readonly LifeEffect[],
): string | undefined {
  for (const effect of effects) {
    if (effect.type === 'forward' && effect.process === before.refusedBy) {
      return 'a process is asked again that has refused for good'
    }
    if (effect.type === 'write') {
      const foul = foulWrite(effect.expected, effect.next, after)
      if (foul !== undefined) return foul
    }
  }
  return undefined
}

function foulWrite(
  expected: LifeRecord,
  next: LifeRecord,
  { life: { inFlight, held }, isWanted }: GatewayState,
): string | undefined {
  if (next.state !== 'up' && inFlight > 0) return 'a word is given with a request under way'
  if (next.state !== 'up' && held > 0) return 'a sleep goes on over a request that is held'
  if (next.state !== 'up') return isWanted ? 'a sleep goes on over what is still wanted' : undefined
  if (held > 0 || isWanted) return undefined
  if (expected.state === 'down') return 'a process is woken for nobody'
  return inFlight === 0 ? 'a sleep is called off for nobody' : undefined
}

function contextOf({ gateways }: World, index: number): LifeContext {
  const [first, second] = gateways.map(({ hasLease }) => hasLease)
  const members = first ? (second ? both : onlyFirst) : second ? onlySecond : nobody
  return { self: `g${index}`, members, now: 0, epoch: 0, idleMs: 0, isKept: false }
}

const [nobody, onlyFirst, onlySecond, both] = [[], ['g0'], ['g1'], ['g0', 'g1']]
