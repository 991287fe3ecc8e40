/** `npm run bench:crowd`: what a tenant who is awake notices when a crowd comes to one who sleeps. See `--help`. */
import { join } from 'node:path'
import { heapSettings } from '../apps/pulse/src/heap-settings.ts'
import { heapFlags } from '../apps/pulse/src/launch/bound-heap.ts'
import { writeRows } from './bench/benchmarks-page.ts'
import { readFlags } from './bench/flags.ts'
import { median } from './bench/gateway/percentile.ts'
import { otherCore, proxyCore, rssMiB, startPinned } from './bench/gateway/pinned-process.ts'
import { markdownTable } from './bench/markdown-table.ts'
import { measuredOn } from './bench/measured-on.ts'

const flags = readFlags(
  `npm run bench:crowd -- [flags]: what others notice of a crowd at one sleeping tenant

  --requests N   of the crowd (50000)
  --rate N       of them a second (2500)
  --rounds N     each with a fresh gateway (3)
  --write        puts the row into docs/benchmarks.md

The gateway has core 0; backend, visitors and crowd share core 1. What the crowd takes from the others there is not the
gateway's doing: a second visitor, at the backend itself, tells it. Visitors are there before the crowd and until those
whom it left waiting have given up. A round takes two times requests / rate, and some seconds.

  npm run bench:crowd -- --write
  npm run bench:crowd -- --requests 5000 --rounds 1`,
  {
    requests: { type: 'string', default: '50000' },
    rate: { type: 'string', default: '2500' },
    rounds: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
  },
)
const [requests, rate] = [Number(flags.requests), Number(flags.rate)]
/** Until all clients run, and have warmed up. */
const beforeSeconds = 2
const leavingSeconds = 2
const program = (name: string, flags: readonly string[] = []) => [
  ...[process.execPath, ...flags],
  join(import.meta.dirname, `bench/gateway/${name}-main.ts`),
]

/** As `pulse up` has them unless somebody says otherwise. */
const defaultHeap = heapFlags(heapSettings.heapMegabytes.default)

interface Latency {
  readonly p50: number
  readonly p99: number
}

interface Round {
  readonly alone: Latency
  readonly beside: Latency
  /** At the backend itself while the crowd is at the gateway: what its clients take of the core they share. */
  readonly direct: Latency
  readonly rss: number
}

await using backend = startPinned(otherCore, program('backend'))
const { 'keep-alive': backendPort } = JSON.parse(await backend.firstLine)
const rounds: Round[] = []
while (rounds.length < Number(flags.rounds)) rounds.push(await measureRound())

const head = [
  ...['crowd', 'others alone: p50 / p99 ms', 'beside it', 'p99 ×'],
  ...['beside it, without a gateway', 'RSS MiB', 'measured'],
]
const row = [
  `${requests.toLocaleString('en')} at ${rate.toLocaleString('en')} rps`,
  told(rounds.map(({ alone }) => alone)),
  told(rounds.map(({ beside }) => beside)),
  median(rounds.map(({ alone, beside }) => beside.p99 / alone.p99)).toFixed(2),
  told(rounds.map(({ direct }) => direct)),
  median(rounds.map(({ rss }) => rss)).toFixed(0),
  measuredOn(),
]
console.log(markdownTable(head, [row]))
const intro = `200 requests a second at a tenant who is awake, alone and while a crowd is at the door of one who sleeps and does not come up; medians of ${flags.rounds} rounds. Others' p99 must stay within 2 ×. Written by \`npm run bench:crowd -- --write\`.`
if (flags.write) writeRows('A crowd at one sleeping tenant', intro, [{ head, rows: [row] }])

async function measureRound(): Promise<Round> {
  await using gateway = startPinned(proxyCore, [
    ...program('crowd-gateway', defaultHeap),
    String(backendPort),
  ])
  const { port } = JSON.parse(await gateway.firstLine)
  const alone = await visit(port)
  await using crowd = startPinned(otherCore, [
    ...program('crowd'),
    ...[port, requests, rate, beforeSeconds, leavingSeconds].map(String),
  ])
  const [beside, direct, answers] = await Promise.all([
    visit(port),
    visit(backendPort),
    crowd.firstLine,
  ])
  console.log(
    `alone ${told([alone])} · beside the crowd ${told([beside])} · without a gateway ${told([direct])} · ${answers}`,
  )
  return { alone, beside, direct, rss: rssMiB(gateway.pid) }
}

async function visit(port: number): Promise<Latency> {
  const seconds = requests / rate + leavingSeconds + 2
  const args = [`http://127.0.0.1:${port}/`, 'bench.localhost', '200', String(seconds), '8']
  await using client = startPinned(otherCore, [...program('open-loop'), ...args])
  return JSON.parse(await client.firstLine)
}

function told(latencies: readonly Latency[]): string {
  const of = (which: keyof Latency) => median(latencies.map((latency) => latency[which])).toFixed(2)
  return `${of('p50')} / ${of('p99')}`
}
