import type { LifeEvent } from '../life.ts'
import type { Rules } from './rules.suite.ts'
import { tell } from './tell.suite.ts'
import {
  type Move,
  names,
  type Process,
  type Request,
  ticks,
  type World,
  withRequest,
  withScene,
} from './world.suite.ts'

/** The engine makes the process follow the record; it seals it before it ends it. */
export function processMoves(world: World): readonly Move[] {
  const { record, scene } = world
  const { process, requests } = scene
  const become = (state: Process['state'], generation = process.generation) =>
    withScene(world, { process: { state, generation } })
  const prompt = (name: string, next: World) => [{ name, world: next, isPrompt: true }]
  if (process.state === 'none') {
    if (record.state === 'down') return []
    return prompt('a process starts', become('starting', record.generation))
  }
  if (process.state === 'sealed') {
    if (requests.some(({ state }) => state === 'taken')) return []
    if (record.state === 'down') return prompt('the process exits', become('none'))
    return prompt('the process starts anew', become('starting'))
  }
  if (record.state === 'down') return prompt('the process is sealed', become('sealed'))
  return process.state === 'starting'
    ? [{ name: 'the process is ready', world: become('ready') }]
    : []
}

/** What becomes of each request. */
export function requestMoves(world: World, rules: Rules): readonly Move[] {
  return world.scene.requests.flatMap((request, index): readonly Move[] => {
    if (!('gateway' in request)) return []
    const gateway = names.indexOf(request.gateway)
    const name = `request ${index} of gateway ${gateway}`
    const become = (next: Request) => withRequest(world, index, next)
    if (request.state === 'held') return heldMoves(world, index, rules)
    const { process } = world.scene
    if (request.state === 'sent') {
      const isTaken = process.state === 'ready' && process.generation === request.generation
      if (isTaken) {
        const taken = become({ ...request, state: 'taken' })
        return [{ name: `${name} is taken`, world: taken, isPrompt: true }]
      }
      const { cause, age } = request
      const back = become({ state: 'held', cause, gateway: request.gateway, age, isBack: true })
      const isSealed = process.state === 'sealed'
      const event = { type: 'refused', process: String(request.generation), isSealed } as const
      const refused = tell(back, gateway, event, { rules })
      return [{ name: `${name} is refused`, world: refused, isPrompt: true }]
    }
    const ended = become({ state: 'ended', cause: request.cause, how: 'answered' })
    const finished = { type: 'finished', isActivity: true } as const
    return [{ name: `${name} is answered`, world: tell(ended, gateway, finished, { rules }) }]
  })
}

/** The shell lets it try when a process looks ready or nothing is to be waited for, and ends its wait in time. */
function heldMoves(world: World, index: number, rules: Rules): readonly Move[] {
  const request = world.scene.requests[index]
  if (request?.state !== 'held') return []
  const gateway = names.indexOf(request.gateway)
  const life = world.gateways[gateway]?.life
  const moves: Move[] = []
  if (life?.service !== 'active' || life.backend.status === 'ready') {
    const released = tell(world, gateway, { type: 'released' }, { rules, request: index })
    if (released.scene.requests[index]?.state !== 'held') {
      const name = `gateway ${gateway} releases request ${index}`
      moves.push({ name, world: released, isPrompt: true })
    }
  }
  if (rules.shell.isLate(request.age)) {
    const late = withRequest(world, index, { state: 'ended', cause: request.cause, how: 'late' })
    const left = tell(late, gateway, leaving(request), { rules })
    moves.push({ name: `request ${index} has waited too long`, world: left, isPrompt: true })
  }
  const { budget } = world.scene
  if (budget.departures === 0) return moves
  const spent = withScene(world, { budget: { ...budget, departures: budget.departures - 1 } })
  const gone = withRequest(spent, index, { state: 'ended', cause: request.cause, how: 'left' })
  const left = tell(gone, gateway, leaving(request), { rules })
  return [...moves, { name: `the client of request ${index} leaves`, world: left, isOutside: true }]
}

function leaving({ age }: Extract<Request, { readonly state: 'held' }>): LifeEvent {
  return { type: 'left', until: ticks.deadline - age }
}
