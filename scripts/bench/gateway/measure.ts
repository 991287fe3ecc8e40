import { get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Load, type LoadName, loads } from './loads.ts'
import type { Peer } from './peers.ts'
import { cpuMicros, otherCore, rssMiB, startPinned } from './pinned-process.ts'
import type { LatencyResult, LoadResult, Row } from './table.ts'
import { runWrk } from './wrk.ts'

export interface MeasureOptions {
  readonly seconds: number
  readonly directory: string
  readonly backendPorts: Readonly<Record<Load['backend'], number>>
  /** The loads to run. */
  readonly wanted: readonly LoadName[]
  readonly withLatency: boolean
}

/** The host at which every proxy is asked. */
export const commonHost = 'bench.localhost'
const requestsPerSecond = 1000

/** Everything of one peer, each backend with a fresh process of it. */
export async function measurePeer(peer: Peer, options: MeasureOptions): Promise<Row> {
  const { name, version } = peer
  if (version === undefined) return { peer: name, version: '', loads: {}, note: 'not installed' }
  const measured: Partial<Record<LoadName, LoadResult>> = {}
  let latency: LatencyResult | undefined
  let rss: number | undefined
  for (const kind of peer.kinds ?? (['keep-alive', 'http10'] as const)) {
    const wanted = loads.filter(
      (load) => load.backend === kind && options.wanted.includes(load.name),
    )
    const withLatency = options.withLatency && kind === 'keep-alive'
    if (wanted.length === 0 && !withLatency) continue
    const started = await peer.start(options.backendPorts[kind], options.directory)
    const { port, process, host = commonHost } = started
    await using _ending = process
    await untilServing(port, host)
    for (const load of wanted) {
      measured[load.name] = await measureLoad(load, { port, host, pid: process?.pid, ...options })
    }
    // Last: a gateway runs for weeks, and what its first seconds take to be compiled is no latency of its requests.
    if (withLatency) latency = await measureLatency(port, host, options.seconds)
    if (process && kind === 'keep-alive') rss = rssMiB(process.pid)
  }
  return {
    peer: name,
    version,
    loads: measured,
    ...(latency && { latency }),
    ...(rss !== undefined && { rssMiB: rss }),
  }
}

async function measureLoad(
  { path, connections }: Load,
  target: { port: number; host: string; pid: number | undefined; seconds: number },
): Promise<LoadResult> {
  const { port, host, pid, seconds } = target
  const load = { url: `http://127.0.0.1:${port}${path}`, host, connections }
  await runWrk({ ...load, seconds: 1 })
  const before = pid === undefined ? 0 : cpuMicros(pid)
  const result = await runWrk({ ...load, seconds })
  const spent = pid === undefined ? undefined : cpuMicros(pid) - before
  return {
    requestsPerSecond: result.requestsPerSecond,
    errors: result.errors,
    ...(spent !== undefined && { cpuMicrosPerRequest: spent / result.requests }),
  }
}

async function measureLatency(port: number, host: string, seconds: number): Promise<LatencyResult> {
  await using client = startPinned(otherCore, [
    process.execPath,
    join(import.meta.dirname, 'open-loop-main.ts'),
    ...[`http://127.0.0.1:${port}/1k`, host, String(requestsPerSecond), String(seconds), '16'],
  ])
  return JSON.parse(await client.firstLine)
}

export async function untilServing(port: number, host: string) {
  const deadline = performance.now() + 10_000
  while (!(await answers(port, host))) {
    if (performance.now() > deadline) throw new Error(`nothing serves at port ${port}`)
    await delay(50)
  }
}

function answers(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    get({ port, host: '127.0.0.1', path: '/1k', headers: { host }, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    }).on('error', () => resolve(false))
  })
}
