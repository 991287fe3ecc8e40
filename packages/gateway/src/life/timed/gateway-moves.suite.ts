import type { Life, LifeEvent } from '../life.ts'
import { isSameRecord, type LifeRecord } from '../record.ts'
import { foulRecord } from './promises.suite.ts'
import type { Rules } from './rules.suite.ts'
import { isCarriedOut, tell } from './tell.suite.ts'
import {
  type Gateway,
  hasUser,
  isOrdered,
  type Move,
  names,
  type Request,
  ticks,
  type World,
  withFoul,
  withGateway,
  withScene,
} from './world.suite.ts'

/** What each gateway does by itself. */
export function gatewayMoves(world: World, index: number, rules: Rules): readonly Move[] {
  const gateway = world.gateways[index]
  if (gateway === undefined) return []
  const moves: Move[] = []
  const prompt = (name: string, next: World) =>
    void moves.push({ name: `${name} (gateway ${index})`, world: next, isPrompt: true })
  const hears = (name: string, event: LifeEvent, from = world) =>
    prompt(name, tell(from, index, event, { rules }))

  const { life, answer } = gateway
  if (answer !== undefined) {
    const open = withGateway(world, index, { ...gateway, answer: undefined })
    hears('hears of its write', { type: 'written', record: answer }, open)
  } else if (life.writing !== undefined) {
    prompt(`writes ${life.writing.state}`, write(world, index, life.writing))
  } else if (!isSameRecord(life.record, world.record)) {
    hears('reads the record', { type: 'read', record: world.record })
  }
  const learned = learn(world, index, rules)
  if (learned !== world) prompt('looks around', learned)
  const swept = sweep(world, index, rules)
  if (swept !== undefined) moves.push({ name: `sweep (gateway ${index})`, world: swept })
  return moves
}

function write(world: World, index: number, next: LifeRecord): World {
  const gateway = world.gateways[index]
  if (gateway === undefined) return world
  if (!isSameRecord(gateway.life.record, world.record)) {
    return withGateway(world, index, { ...gateway, answer: world.record })
  }
  const { record: before, scene } = world
  const isProposed = before.state === 'up' && next.state === 'draining'
  const isCalledOff = before.state === 'draining' && next.state === 'up'
  const isWoken = before.state === 'down' && next.state === 'up'
  const told = withGateway(world, index, stored(gateway, next))
  // Nobody has used yet what has just been woken.
  const gateways = isWoken
    ? told.gateways.map((one) => ({ ...one, usedAt: -ticks.ages }))
    : told.gateways
  const written = withScene(
    { ...told, gateways, record: next },
    {
      writes: scene.writes + 1,
      isAsked: isProposed ? gateway.asks : scene.isAsked,
      calledOffAt: isCalledOff && isForUser(world, index) ? gateway.objectedAt : scene.calledOffAt,
    },
  )
  return withFoul(written, foulRecord(world, written, gateway))
}

/** What was true of the write alone is past. */
function stored(gateway: Gateway, answer: LifeRecord): Gateway {
  return { ...gateway, answer, asks: false, objectedAt: -ticks.ages }
}

/** It is a user in whose way the sleep was. */
function isForUser({ gateways, scene }: World, index: number): boolean {
  const gateway = gateways[index]
  const isHere = (request: Request) =>
    'gateway' in request && request.gateway === names[index] && request.cause === 'user'
  return gateway !== undefined && (hasUser(gateway) || scene.requests.some(isHere))
}

/** Only the store can tell that nothing is left, and only to one who knows its record. */
function seenBackend({ life }: Gateway, { record, scene: { process } }: World): Life['backend'] {
  if (process.state === 'ready') return { status: 'ready', process: String(process.generation) }
  if (life.record.state !== 'down') return { status: 'starting' }
  const isSure = life.writing === undefined && isSameRecord(life.record, record)
  const isGone = process.state === 'none' && (isSure || life.backend.status === 'gone')
  return { status: isGone ? 'gone' : 'stopping' }
}

function isSameBackend(one: Life['backend'], other: Life['backend']): boolean {
  if (one.status !== 'ready' || other.status !== 'ready') return one.status === other.status
  return one.process === other.process
}

/** What there is to be seen, taken in as the shell does it; the same world when that is nothing new. */
function learn(world: World, index: number, rules: Rules): World {
  const heard = hearService(world, index, rules)
  const warned = hearTrouble(heard, index, rules)
  const gateway = warned.gateways[index]
  if (gateway === undefined) return warned
  const backend = seenBackend(gateway, world)
  if (isSameBackend(backend, gateway.life.backend)) return warned
  return tell(warned, index, { type: 'looked', backend }, { rules })
}

function hearService(world: World, index: number, rules: Rules): World {
  const { service } = world.scene
  if (world.gateways[index]?.life.service === service) return world
  const told = tell(world, index, { type: 'served', service }, { rules })
  return told.gateways[index]?.life.service === service ? told : world
}

/** As `createTroubles` has it, at its first pause. What was amiss before it slept says nothing of the next start. */
function hearTrouble(world: World, index: number, rules: Rules): World {
  const gateway = world.gateways[index]
  if (gateway === undefined) return world
  const { life, isTroubled } = gateway
  const isFailing = world.scene.process.state === 'failing' && life.record.state !== 'down'
  const openUntil = isFailing && !isTroubled ? ticks.circuit : gateway.openUntil
  const until = isFailing ? Number.POSITIVE_INFINITY : openUntil
  const isNews = isFailing !== isTroubled
  const next = isNews
    ? withGateway(world, index, { ...gateway, isTroubled: isFailing, openUntil })
    : world
  return until === life.failedUntil ? next : tell(next, index, { type: 'failed', until }, { rules })
}

/** As the sweeper has it: undefined when it changes nothing. */
function sweep(world: World, index: number, rules: Rules): World | undefined {
  const gateway = world.gateways[index]
  if (gateway === undefined) return undefined
  const { life, keptUntil, hasSwept } = gateway
  if (hasSwept) return undefined
  if (isCarriedOut(gateway, rules)) {
    return withGateway(world, index, { ...gateway, orderedFor: undefined })
  }
  const isAsked = isOrdered(gateway) || life.service !== 'active'
  if (keptUntil > 0 && !isAsked && rules.shell.sparesKept) return undefined
  const swept = tell(world, index, { type: 'swept', isAsked }, { rules })
  return swept.gateways[index]?.life.writing === life.writing ? undefined : swept
}
