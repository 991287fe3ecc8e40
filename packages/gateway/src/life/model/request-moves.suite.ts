import { tell } from './tell.suite.ts'
import {
  type Identity,
  type Move,
  type Request,
  type Rules,
  type World,
  withRequest,
} from './world.suite.ts'

/** What can happen to each request. */
export function requestMoves(world: World, rules: Rules): readonly Move[] {
  return world.requests.flatMap((request, index, all): readonly Move[] => {
    // Of those that are alike one stands for the others.
    if (all.findIndex((other) => isAlike(request, other)) < index) return []
    const become = (next: Request) => withRequest(world, index, next)
    switch (request.state) {
      case 'new':
        return arrivals(world, index, rules)
      case 'sent': {
        const target = world.processes[request.process]?.state
        if (target === 'gone') return movesToReusedAddress(world, index, rules)
        const isTaken =
          target === 'ready' || (target === 'sealed' && !rules.process.refusesWhenSealed)
        const next = { ...request, state: isTaken ? ('taken' as const) : ('refused' as const) }
        const name = `request ${index} is ${next.state} by process ${request.process}, ${target}`
        const foul =
          isTaken && target === 'sealed' ? 'a sealed process takes a request' : world.foul
        return [{ name, world: { ...become(next), foul } }]
      }
      case 'taken':
        return [
          {
            name: `request ${index} is carried out`,
            world: become({ ...request, state: 'replied' }),
          },
        ]
      case 'replied': {
        const told = tell(
          become({ state: 'ended' }),
          request.gateway,
          { type: 'finished', isActivity: true },
          { rules },
        )
        return told === undefined ? [] : [{ name: `request ${index} is answered`, world: told }]
      }
      case 'refused': {
        const { gateway, process } = request
        const isSealed = world.processes[process]?.state === 'sealed'
        const event = { type: 'refused', process: String(process), isSealed } as const
        const held = { state: 'held', gateway, ...(isSealed && { process }) } as const
        const told = tell(become(held), gateway, event, { rules })
        return told === undefined
          ? []
          : [{ name: `request ${index} comes back to gateway ${gateway}`, world: told }]
      }
      case 'held': {
        const { gateway } = request
        const released = isTriable(world, gateway)
          ? tell(world, gateway, { type: 'released' }, { rules, request: index })
          : undefined
        const moves: Move[] = []
        if (released !== undefined && isSent(released, index)) {
          moves.push({ name: `gateway ${gateway} releases request ${index}`, world: released })
        }
        if (world.budget.departures === 0) return moves
        const gone = become({ state: 'ended' })
        const left = tell(gone, gateway, { type: 'left', until: inTime }, { rules })
        if (left !== undefined) {
          const budget = { ...world.budget, departures: world.budget.departures - 1 }
          moves.push({ name: `leave: client of request ${index}`, world: { ...left, budget } })
        }
        return moves
      }
      default:
        return []
    }
  })
}

/** Later than the one moment that there is. */
const inTime = 1

/** Whom it was sent to is gone: a foreign environment's may live at the address by now, or a later process of ours. */
function movesToReusedAddress(world: World, index: number, { process }: Rules): readonly Move[] {
  const request = world.requests[index]
  if (request?.state !== 'sent') return []
  const meant: Identity = { environment: 'ours', process: request.process }
  const later = world.processes.flatMap(({ state }, at): readonly Identity[] =>
    state === 'ready' ? [{ environment: 'ours', process: at }] : [],
  )
  const others: readonly Identity[] = [{ ...meant, environment: 'foreign' }, ...later]
  const takers = others.filter((other) => process.isForMe(meant, other))
  const name = `request ${index} reaches the address of process ${request.process}, gone`
  return [
    { name, world: withRequest(world, index, { ...request, state: 'refused' }) },
    ...takers.map(({ environment }) => ({
      name: `${name}, where another lives (${environment})`,
      world: { ...world, foul: 'a process takes a request that is meant for another' },
    })),
  ]
}

function isAlike(one: Request, other: Request): boolean {
  if (one === other) return true
  const [gateway, process] = ['gateway' in one && one.gateway, 'process' in one && one.process]
  const isThere = ('gateway' in other && other.gateway) === gateway
  return one.state === other.state && isThere && ('process' in other && other.process) === process
}

/** The shell lets a held request try when a process looks ready; whether it may, the protocol says. */
function isTriable(world: World, gateway: number): boolean {
  return world.gateways[gateway]?.life.backend.status === 'ready'
}

/** One that has to go on waiting has made no move. */
function isSent({ requests }: World, index: number): boolean {
  return requests[index]?.state !== 'held'
}

function arrivals(world: World, index: number, rules: Rules): readonly Move[] {
  return world.gateways.flatMap((_, gateway) => {
    const told = tell(world, gateway, { type: 'arrived' }, { rules, request: index })
    return told === undefined
      ? []
      : [{ name: `arrive: request ${index} at gateway ${gateway}`, world: told }]
  })
}
