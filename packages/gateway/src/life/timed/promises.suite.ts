import type { LifeEffect, LifeEvent } from '../life.ts'
import {
  type Gateway,
  hasUser,
  isOrdered,
  type Move,
  type Request,
  ticks,
  type World,
} from './world.suite.ts'

interface Taken {
  readonly event: LifeEvent
  readonly effects: readonly LifeEffect[]
}

/** What a gateway must never decide, by what it knows. */
export function foulStep(before: Gateway, after: Gateway, taken: Taken): string | undefined {
  const { event, effects } = taken
  if (event.type === 'arrived' || event.type === 'released') {
    const foul = foulAnswer(before, effects)
    if (foul !== undefined) return foul
  }
  for (const effect of effects) {
    if (effect.type === 'giveUp' && !isOpen(before) && !isOpen(after))
      return 'those who wait are sent away for nothing'
    const foul = effect.type === 'write' ? foulWrite(effect, after, event) : undefined
    if (foul !== undefined) return foul
  }
  return undefined
}

/** Nobody waits for what cannot come, and nobody is sent away from what can. */
function foulAnswer(gateway: Gateway, effects: readonly LifeEffect[]): string | undefined {
  const { service } = gateway.life
  const due = service !== 'active' ? service : isOpen(gateway) ? 'failed' : undefined
  const given = effects.find((effect) => effect.type === 'answer')?.with
  if (given === due) return undefined
  return `a request gets ${given ?? 'no answer'} where ${due ?? 'none'} is due`
}

/** It does not come up, and nobody is to try again yet. */
function isOpen({ failedUntil = 0 }: Gateway): boolean {
  return failedUntil > 0
}

function foulWrite(
  { expected, next }: Extract<LifeEffect, { readonly type: 'write' }>,
  gateway: Gateway,
  event: LifeEvent,
): string | undefined {
  const { inFlight, held, service } = gateway.life
  if (expected.state === 'down') {
    if (held === 0 && gateway.wantedUntil <= 0) return 'a process is woken for nobody'
    if (service !== 'active') return 'what is out of service is woken'
    return isOpen(gateway) ? 'it is started again before its time' : undefined
  }
  if (next.state === 'up') return undefined
  if (inFlight > 0) return 'a word is given with a request under way'
  if (held > 0) return 'a sleep goes on over a request that is held'
  if (gateway.wantedUntil > 0) return 'a sleep goes on over what is still wanted'
  const isUp = gateway.life.backend.status === 'ready' || gateway.failedUntil !== undefined
  if (expected.state === 'up' && !isUp) return 'what still starts is put to sleep'
  const isAsked = event.type === 'swept' ? event.isAsked : expected.isOrdered === true
  if (isAsked) return undefined
  if (hasUser(gateway)) return 'a word is given although a user was there of late'
  return gateway.keptUntil > 0 ? 'a word is given although it is kept awake' : undefined
}

/** What must never stand in the store. */
export function foulRecord(
  before: World,
  { record, scene }: World,
  writer: Gateway,
): string | undefined {
  const { process, isAsked, calledOffAt, orderedGeneration = record.generation } = scene
  const from = before.record.state
  if (from === 'down' && record.state === 'up' && process.state !== 'none') {
    return 'a process is started beside another'
  }
  if (from === 'up' && record.state === 'draining') {
    if (!isAsked && 0 < calledOffAt + ticks.idle) {
      return 'sleep is proposed again though a user was in the way of late'
    }
    const isByHand = isAsked && writer.life.service === 'active'
    if (isByHand && record.generation > orderedGeneration) return 'an order is carried out twice'
  }
  // It would outdo the users of any other sleep.
  if (record.isOrdered === true && (record.state !== 'draining' || !isAsked)) {
    return 'an order counts beyond the sleep that it was given for'
  }
  if (record.state !== 'down' || from === 'down' || isAsked) return undefined
  // Of this tick it may still be on its way; what is older has been heard.
  const isKnownUser = (gateway: Gateway) => hasUser(gateway) && gateway.usedAt <= -scene.delays
  return before.gateways.some(isKnownUser)
    ? 'it sleeps although a user was there of late'
    : undefined
}

/** What must hold when nothing is on its way any more. */
export function foulRest(world: World, moves: readonly Move[]): string | undefined {
  const { record, gateways, scene } = world
  const { requests, process, service } = scene
  if (record.state === 'draining') return 'a sleep is neither decided nor called off'
  if (gateways.some(({ life }) => life.service !== service))
    return 'nobody has heard of the service'
  const isOpen = requests.some(({ state }) => state === 'sent' || state === 'taken')
  if (requests.some((one) => one.state === 'held' && !isAwaited(one, world))) {
    return 'a request waits for nothing'
  }
  const isGone = record.state === 'down' && process.state === 'none'
  if (isGone && gateways.some(({ wantedUntil }) => wantedUntil > 0)) {
    return 'a wake ends with the client that wanted it'
  }
  const isSleepDue = gateways.some(isOrdered) || service !== 'active'
  const isUp = process.state === 'ready' || process.state === 'failing'
  const isSweep = ({ name }: Move) => name.startsWith('sweep')
  const isBegun = moves.some(isSweep) || gateways.some(({ hasSwept }) => hasSwept)
  if (isSleepDue && isUp && !isOpen && !isBegun) return 'nobody puts to sleep as was asked'
  return undefined
}

/** One that comes back from a process that has crashed waits for the next, as long as it may. */
function isAwaited(
  { isBack }: Extract<Request, { readonly state: 'held' }>,
  { scene }: World,
): boolean {
  const { state } = scene.process
  return state === 'starting' || (state === 'failing' && isBack === true)
}

/** What must hold in every world. */
export function foulWorld({ scene: { foul, requests, writes } }: World): string | undefined {
  if (foul !== undefined) return foul
  if (requests.some((request) => request.state === 'ended' && request.how === 'lost')) {
    return 'a request is lost'
  }
  if (requests.some((request) => request.state === 'held' && request.age > ticks.deadline)) {
    return 'a request waits longer than it may'
  }
  return writes > writesMax ? 'it goes on without end though nothing comes from outside' : undefined
}

/** What must hold when not even time changes anything any more. */
export function foulEnd({ record, scene: { process } }: World): string | undefined {
  return record.state === 'down' && process.state === 'none'
    ? undefined
    : 'it stays awake for nobody'
}

/** The longest story that follows from one event. */
const writesMax = 9
