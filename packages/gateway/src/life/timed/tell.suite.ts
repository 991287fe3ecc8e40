import type { LifeEffect, LifeEvent } from '../life.ts'
import { lifeStateOf } from '../life-state.ts'
import { isSameRecord } from '../record.ts'
import { foulStep } from './promises.suite.ts'
import type { Rules } from './rules.suite.ts'
import {
  type Cause,
  type Gateway,
  names,
  type Request,
  type World,
  withFoul,
  withGateway,
  withRequest,
} from './world.suite.ts'

/** Lets a gateway hear an event, and carries out what it decides for the request in question. */
export function tell(
  world: World,
  index: number,
  event: LifeEvent,
  { rules, request }: { readonly rules: Rules; readonly request?: number },
): World {
  const gateway = world.gateways[index]
  if (gateway === undefined) return world
  const wanted = request === undefined ? undefined : world.scene.requests[request]
  const { after, effects, foul } = hear(gateway, index, { event, cause: wanted?.cause, rules })
  let told = withFoul(withGateway(world, index, after), foul)
  if (request !== undefined) told = carryOut(told, index, { effects, request, rules })
  return effects.some(({ type }) => type === 'giveUp') ? dismiss(told, index, rules) : told
}

/** What becomes of the request that has tried. */
function carryOut(
  world: World,
  index: number,
  {
    effects,
    request,
    rules,
  }: { readonly effects: readonly LifeEffect[]; readonly request: number; readonly rules: Rules },
): World {
  const before = world.scene.requests[request]
  const gateway = names[index]
  if (before === undefined || gateway === undefined) return world
  const { cause } = before
  const age = 'age' in before ? before.age : 0
  const effect = effects.find(({ type }) => /forward|hold|answer/.test(type))
  const become = (next: Request) => withRequest(world, request, next)
  if (effect?.type === 'hold') {
    return before.state === 'held' ? world : become({ state: 'held', cause, gateway, age })
  }
  if (effect?.type === 'answer') return become({ state: 'ended', cause, how: effect.with })
  if (effect?.type !== 'forward') return become({ state: 'ended', cause, how: 'lost' })
  const generation = Number(effect.process)
  if (cause === 'user') return become({ state: 'sent', cause, gateway, age, generation })
  // A wake that is no request has what it wanted, and nothing is sent.
  const done = become({ state: 'ended', cause, how: 'answered' })
  return tell(done, index, { type: 'finished', isActivity: false }, { rules })
}

/** Those who wait here are told that it failed. */
function dismiss(world: World, index: number, rules: Rules): World {
  return world.scene.requests.reduce((so, request, at) => {
    if (request.state !== 'held' || request.gateway !== names[index]) return so
    const told = withRequest(so, at, { state: 'ended', cause: request.cause, how: 'failed' })
    return tell(told, index, { type: 'left', until: undefined }, { rules })
  }, world)
}

interface Heard {
  readonly after: Gateway
  readonly effects: readonly LifeEffect[]
  readonly foul: string | undefined
}

interface Said {
  readonly event: LifeEvent
  readonly cause: Cause | undefined
  readonly rules: Rules
}

/** A pure step has one outcome, and the same gateways hear the same in very many worlds. */
const memories = new WeakMap<Rules, WeakMap<Gateway, Map<string, Heard>>>()

function hear(gateway: Gateway, index: number, said: Said): Heard {
  const memory = memories.get(said.rules) ?? new WeakMap<Gateway, Map<string, Heard>>()
  memories.set(said.rules, memory)
  const known = memory.get(gateway) ?? new Map<string, Heard>()
  memory.set(gateway, known)
  const key = `${index} ${said.cause} ${JSON.stringify(said.event)}`
  const before = known.get(key)
  if (before !== undefined) return before
  const heard = step(gateway, index, said)
  known.set(key, heard)
  return heard
}

function step(before: Gateway, index: number, { event, cause, rules }: Said): Heard {
  const isUser = event.type === 'active' || (event.type === 'finished' && event.isActivity)
  const now = isUser ? usedNow : 0
  const context = {
    self: names[index] ?? '',
    members: names,
    now,
    epoch: 0,
    idleMs: rules.shell.idleTicks(before),
    isKept: before.keptUntil > 0,
  }
  const { life, effects } = rules.step(before.life, event, context, rules.life)
  const isUnready = event.type === 'arrived' && before.life.backend.status !== 'ready'
  const isProposed = event.type === 'swept' && effects.length > 0
  const heard = {
    ...before,
    life,
    cause: isUnready ? (before.cause ?? cause) : before.cause,
    usedAt: isUser ? now : before.usedAt,
    asks: isProposed ? event.isAsked : before.asks,
    hasSwept: before.hasSwept || isProposed,
    objectedAt: effects.some(isObjection) ? 0 : before.objectedAt,
    failedUntil: toldUntil(before, event),
    wantedUntil: wantedUntil(before, event),
  }
  const after = remember(before, heard, { event, effects })
  return { after, effects, foul: foulStep(before, after, { event, effects }) }
}

/** Users come between two ticks: what they do and what gateways write has never the same time by chance. */
export const usedNow = 0.5

/** What the shell makes of the state that was reached. */
function remember(
  before: Gateway,
  after: Gateway,
  { event, effects }: { readonly event: LifeEvent; readonly effects: readonly LifeEffect[] },
): Gateway {
  const state = lifeStateOf(after.life, 0)
  const isBegun = effects.some((effect) => effect.type === 'write' && isWake(effect.expected))
  const isWaking = (before.isWaking && !isLost(before, event)) || isBegun
  const isWoken = state === 'awake' && isWaking
  const isOver = /awake|failed|suspended|disabled/.test(state) || isLost(before, event)
  const isDone = /stopping|asleep/.test(state) && state !== lifeStateOf(before.life, 0)
  return {
    ...after,
    isWaking: isWaking && !isOver,
    wokenAt: isBegun ? 0 : after.wokenAt,
    wokeFor: isWoken ? (after.cause ?? 'user') : after.wokeFor,
    cause: isOver ? undefined : after.cause,
    orderedFor: isDone ? undefined : after.orderedFor,
    ...(state === 'awake' && { isTroubled: false, openUntil: undefined }),
  }
}

function isObjection(effect: LifeEffect): boolean {
  return (
    effect.type === 'write' && effect.expected.state === 'draining' && effect.next.state === 'up'
  )
}

function toldUntil({ failedUntil }: Gateway, event: LifeEvent): number | undefined {
  if (event.type === 'failed') return event.until
  return event.type === 'looked' && event.backend.status === 'ready' ? undefined : failedUntil
}

/** Until its gateway knows that it is awake, or has been since; and no longer than there is something to wake. */
function wantedUntil({ life, wantedUntil }: Gateway, event: LifeEvent): number {
  const { record, writing, service } = life
  const isNeeded = (record.state !== 'up' || writing !== undefined) && service === 'active'
  switch (event.type) {
    case 'left':
      return Math.max(wantedUntil, (isNeeded && event.until) || 0)
    case 'read':
    case 'written': {
      const { state, generation } = event.record
      return state !== 'up' && generation === record.generation ? wantedUntil : 0
    }
    case 'served':
      return event.service === 'active' ? wantedUntil : 0
    case 'failed':
      return (event.until ?? 0) > 0 ? 0 : wantedUntil
    default:
      return wantedUntil
  }
}

function isWake({ state }: { readonly state: string }): boolean {
  return state === 'down'
}

/** As far as this gateway sees. */
export function isCarriedOut({ life, orderedFor }: Gateway, { shell }: Rules): boolean {
  if (orderedFor === undefined) return false
  return shell.isCarriedOut(lifeStateOf(life, 0), life.record.generation > orderedFor)
}

/** Another has woken it. */
function isLost({ life: { record, writing } }: Gateway, event: LifeEvent): boolean {
  if (event.type !== 'written' || writing === undefined || record.state !== 'down') return false
  return !isSameRecord(event.record, writing)
}
