import { type Life, newLife } from '../life.ts'
import { isWanted } from '../rules.ts'
import type { Rules } from './rules.suite.ts'
import { isCarriedOut, tell, usedNow } from './tell.suite.ts'
import {
  type Budget,
  type Gateway,
  type Move,
  names,
  type Process,
  type Request,
  ticks,
  type World,
  withGateway,
  withScene,
} from './world.suite.ts'

/** What comes from outside, each as often as there is left of it. */
export function outsideMoves(world: World, rules: Rules): readonly Move[] {
  return [
    ...world.gateways.flatMap((_, index) => atGateway(world, index, rules)),
    ...atProcess(world),
    ...atService(world),
    ...orders(world, rules),
  ]
}

function atGateway(world: World, index: number, rules: Rules): readonly Move[] {
  const gateway = world.gateways[index]
  if (gateway === undefined) return []
  const moves: Move[] = []
  const add = (name: string, next: World) =>
    void moves.push({ name: `${name} at gateway ${index}`, world: next, isOutside: true })

  for (const [request, { state, cause }] of world.scene.requests.entries()) {
    if (state !== 'new') continue
    const told = tell(fresh(world), index, { type: 'arrived' }, { rules, request })
    add(`request ${request} (${cause}) arrives`, told)
  }
  const signed = spend(world, 'signs')
  if (signed !== undefined && gateway.life.record.state !== 'down')
    add('a user shows', tell(signed, index, { type: 'active' }, { rules }))
  const kept = spend(world, 'keeps')
  if (kept !== undefined) {
    add('it is kept awake', withGateway(kept, index, { ...gateway, keptUntil: ticks.keep }))
  }
  const restarted = spend(world, 'restarts')
  if (restarted !== undefined)
    add('restart', restart(restarted, index, { usedAt: -ticks.ages, rules }))
  const handed = spend(world, 'handovers')
  if (handed !== undefined)
    add('handover', restart(handed, index, { usedAt: gateway.usedAt, rules }))
  return moves
}

/** Those who waited or were served there are cut off; it knows no more than the store tells. */
function restart(
  world: World,
  index: number,
  { usedAt, rules }: { readonly usedAt: number; readonly rules: Rules },
): World {
  const gateway = world.gateways[index]
  if (gateway === undefined) return world
  const requests = world.scene.requests.map((request): Request => {
    const isThere = 'gateway' in request && request.gateway === names[index]
    return isThere ? { state: 'ended', cause: request.cause, how: 'cut' } : request
  })
  const { orderedFor } = gateway
  // It may start after the users of this tick.
  const keptUntil = world.record.state === 'down' ? 0 : usedNow + rules.shell.unknownTicks
  const again = { ...newGateway(newLife(world.record, 0)), orderedFor, usedAt, keptUntil }
  return withScene(withGateway(world, index, again), { requests })
}

/** One that was started and has seen nobody. */
export function newGateway(life: Life): Gateway {
  return {
    life,
    answer: undefined,
    keptUntil: 0,
    orderedFor: undefined,
    isTroubled: false,
    openUntil: undefined,
    cause: undefined,
    isWaking: false,
    wokeFor: undefined,
    wokenAt: undefined,
    usedAt: -ticks.ages,
    failedUntil: undefined,
    wantedUntil: 0,
    asks: false,
    objectedAt: -ticks.ages,
    hasSwept: false,
  }
}

function atProcess(world: World): readonly Move[] {
  const { process, requests } = world.scene
  const become = (name: string, state: Process['state'], from: World | undefined): Move[] => {
    if (from === undefined) return []
    const next = withScene(from, { process: { ...process, state } })
    return [{ name, world: next, isOutside: true }]
  }
  if (process.state === 'failing')
    return become('the process is mended', 'starting', spend(world, 'repairs'))
  const renewed = process.state === 'ready' ? spend(world, 'renewals') : undefined
  const renewals = become('the process is sealed in its place', 'sealed', renewed)
  const isBusy = requests.some(({ state }) => state === 'taken')
  if (isBusy || (process.state !== 'starting' && process.state !== 'ready')) return renewals
  return [...renewals, ...become('the process fails', 'failing', spend(world, 'failures'))]
}

function atService(world: World): readonly Move[] {
  const changed = spend(world, 'services')
  if (changed === undefined) return []
  const { service: from, budget } = world.scene
  const out = budget.services > 1 ? 'suspended' : 'disabled'
  const service = from === 'active' ? out : 'active'
  const next = withScene(changed, { service })
  return [{ name: `the environment becomes ${service}`, world: next, isOutside: true }]
}

/** By hand, told to all. One that sleeps has done it. */
function orders(world: World, rules: Rules): readonly Move[] {
  const told = spend(world, 'orders')
  if (told === undefined) return []
  const { generation, state } = world.record
  const isWaking = state === 'down' && world.gateways.some(({ life }) => isWanted(life, 0))
  const orderedFor = generation + (isWaking ? 1 : 0)
  const gateways = told.gateways.map((gateway) =>
    isCarriedOut({ ...gateway, orderedFor }, rules) ? gateway : { ...gateway, orderedFor },
  )
  const ordered = withScene({ ...told, gateways }, { orderedGeneration: orderedFor })
  return [{ name: 'an order to sleep', world: ordered, isOutside: true }]
}

function spend(world: World, what: keyof Budget): World | undefined {
  const { budget } = world.scene
  if (budget[what] === 0) return undefined
  return withScene(fresh(world), { budget: { ...budget, [what]: budget[what] - 1 } })
}

/** Something has come from outside: a new story begins. */
function fresh(world: World): World {
  return withScene(world, { writes: 0 })
}
