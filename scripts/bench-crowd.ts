/**
 * `node scripts/bench-crowd.ts`: what a tenant who is awake notices when a crowd comes to one who sleeps. The gateway
 * has core 0; backend, visitor and crowd share core 1. `--requests 50000`, `--rate 2500`, `--rounds 3`.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { median } from './bench/gateway/percentile.ts'
import { otherCore, proxyCore, rssMiB, startPinned } from './bench/gateway/pinned-process.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '50000' },
    rate: { type: 'string', default: '2500' },
    rounds: { type: 'string', default: '3' },
  },
})
const seconds = Number(values.requests) / Number(values.rate)
const program = (name: string) => [
  process.execPath,
  join(import.meta.dirname, `bench/gateway/${name}-main.ts`),
]

interface Latency {
  readonly p50: number
  readonly p99: number
}

async function visit(port: number): Promise<Latency> {
  const args = [`http://127.0.0.1:${port}/`, 'bench.localhost', '200', String(seconds), '8']
  await using client = startPinned(otherCore, [...program('open-loop'), ...args])
  return JSON.parse(await client.firstLine)
}

await using backend = startPinned(otherCore, program('backend'))
const { 'keep-alive': backendPort } = JSON.parse(await backend.firstLine)
const ratios: number[] = []
for (let round = 1; round <= Number(values.rounds); round += 1) {
  await using gateway = startPinned(proxyCore, [...program('crowd-gateway'), String(backendPort)])
  const { port } = JSON.parse(await gateway.firstLine)
  const alone = await visit(port)
  await using crowd = startPinned(otherCore, [
    ...program('crowd'),
    ...[port, values.requests, values.rate].map(String),
  ])
  const [beside, answers] = await Promise.all([visit(port), crowd.firstLine])
  ratios.push(beside.p99 / alone.p99)
  const told = ({ p50, p99 }: Latency) => `p50 ${p50.toFixed(2)} p99 ${p99.toFixed(2)} ms`
  const memory = rssMiB(gateway.pid).toFixed(0)
  console.log(
    `alone ${told(alone)} · beside the crowd ${told(beside)} · ${answers} · ${memory} MiB`,
  )
}
console.log(`p99 beside the crowd is ${median(ratios).toFixed(2)} × that alone (median)`)
