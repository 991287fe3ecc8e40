import { loads } from './loads.ts'
import { untilServing } from './measure.ts'
import type { Peer } from './peers.ts'
import { cpuMicros } from './pinned-process.ts'
import { runWrk } from './wrk.ts'

export interface TwoProcesses {
  readonly requestsPerSecond: number
  /** Of both together. */
  readonly cpuMicrosPerRequest: number
}

const load = loads[0]

/**
 * Two of them at once, each with half of the connections. On a machine of two cores they share both with backend and
 * client, so what tells whether two do the work of two is the CPU time per request.
 */
export async function measureTwo(
  peer: Peer,
  options: { backendPort: number; directory: string; host: string; seconds: number },
): Promise<TwoProcesses> {
  const { backendPort, directory, host, seconds } = options
  const [one, other] = [
    await peer.start(backendPort, directory, 0),
    await peer.start(backendPort, directory, 1),
  ]
  await using first = one.process
  await using second = other.process
  for (const { port } of [one, other]) await untilServing(port, host)
  const pids = [first, second].flatMap((process) => process?.pid ?? [])
  const spent = () => pids.reduce((sum, pid) => sum + cpuMicros(pid), 0)
  const ask = (length: number) =>
    Promise.all(
      [one, other].map(({ port }) => {
        const url = `http://127.0.0.1:${port}${load.path}`
        return runWrk({ url, host, connections: load.connections / 2, seconds: length })
      }),
    )
  await ask(1)
  const before = spent()
  const results = await ask(seconds)
  const requests = results.reduce((sum, result) => sum + result.requests, 0)
  return {
    requestsPerSecond: results.reduce((sum, result) => sum + result.requestsPerSecond, 0),
    cpuMicrosPerRequest: (spent() - before) / requests,
  }
}

export interface TwoBesideOne extends TwoProcesses {
  readonly peer: string
  /** CPU time per request of one process under the same load. */
  readonly aloneMicros: number
}

/** The first is the one that is told of; what the others lose the same way is the machine's doing. */
export function renderTwo([told, ...others]: readonly TwoBesideOne[]): string {
  if (told === undefined) return ''
  const rate = Math.round(told.requestsPerSecond).toLocaleString('en')
  const micros = told.cpuMicrosPerRequest.toFixed(0)
  const beside = others.map((other) => `${other.peer} ${shareOf(other)} ×`).join(', ')
  return `Two processes of ${told.peer} on both cores, which backend and client need too: ${rate} rps with ${micros} µs of CPU per request (one: ${told.aloneMicros.toFixed(0)}). Per CPU time two do ${shareOf(told)} × the work of one${beside && `; measured in the same way: ${beside}`}.`
}

function shareOf({ cpuMicrosPerRequest, aloneMicros }: TwoBesideOne): string {
  return ((2 * aloneMicros) / cpuMicrosPerRequest).toFixed(2)
}
