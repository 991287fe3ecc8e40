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
  const { life, effects } = stepLife(gateway.life, event, contextOf(world, index), rules.life)
  const after = { ...gateway, life }
  const foul = world.foul ?? foulOf(gateway, after, effects)
  const told = { ...withGateway(world, index, after), foul }
  return request === undefined ? told : withRequest(told, request, fateOf(effects, index))
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
  { life }: GatewayState,
  effects: readonly LifeEffect[],
): string | undefined {
  for (const effect of effects) {
    if (effect.type === 'forward' && effect.process === before.life.sealed) {
      return 'a process is asked again that has refused for good'
    }
    if (effect.type === 'write') {
      const foul = foulWrite(effect.expected, effect.next, life)
      if (foul !== undefined) return foul
    }
  }
  return undefined
}

function foulWrite(
  expected: LifeRecord,
  next: LifeRecord,
  { inFlight, held }: GatewayState['life'],
): string | undefined {
  if (next.state !== 'up' && inFlight > 0) return 'a word is given with a request under way'
  if (next.state !== 'up' && held > 0) return 'a sleep goes on over a request that is held'
  if (expected.state === 'down' && held === 0) return 'a process is woken for nobody'
  return undefined
}

function contextOf({ gateways }: World, index: number): LifeContext {
  const members = gateways.flatMap(({ hasLease }, at) => (hasLease ? [`g${at}`] : []))
  return { self: `g${index}`, members, now: 0, idleMs: 0, isKept: false }
}
