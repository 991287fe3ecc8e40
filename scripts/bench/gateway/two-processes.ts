import { loads } from './loads.ts'
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

/** `alone`: CPU time per request of one process under the same load. */
export function renderTwo({ requestsPerSecond, cpuMicrosPerRequest }: TwoProcesses, alone: number) {
  const rate = Math.round(requestsPerSecond).toLocaleString('en')
  const share = ((2 * alone) / cpuMicrosPerRequest).toFixed(2)
  return `Two processes of pulse on both cores, which backend and client need too: ${rate} rps with ${cpuMicrosPerRequest.toFixed(0)} µs of CPU per request (one: ${alone.toFixed(0)}). Per CPU time two do ${share} × the work of one.`
}
