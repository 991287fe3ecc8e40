/** `npm run bench:gateway`: the gateway beside other proxies, in one run on this machine. See `--help`. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeSection } from './bench/benchmarks-page.ts'
import { readFlags } from './bench/flags.ts'
import { loads } from './bench/gateway/loads.ts'
import { commonHost, type MeasureOptions, measurePeer } from './bench/gateway/measure.ts'
import { medianRow } from './bench/gateway/median-row.ts'
import { namedPeer } from './bench/gateway/named-peer.ts'
import { heapMegabytes, peers } from './bench/gateway/peers.ts'
import { otherCore, startPinned } from './bench/gateway/pinned-process.ts'
import { sleepers } from './bench/gateway/sleepers.ts'
import { measureSleeping, renderSleeping, type SleepingFigures } from './bench/gateway/sleeping.ts'
import { writeSmallBackend } from './bench/gateway/small-backend.ts'
import { type Row, renderRatios, renderTable } from './bench/gateway/table.ts'
import { measureTwo, renderTwo, type TwoBesideOne } from './bench/gateway/two-processes.ts'
import { measuredOn } from './bench/measured-on.ts'

const values = readFlags(
  `npm run bench:gateway -- [flags]: the gateway beside other proxies

  --only LIST      of direct, pulse, nginx, haproxy, caddy, tenement, systemd-socket-proxyd (all)
  --loads LIST     of ${loads.map(({ name }) => name).join(', ')} (all)
  --seconds N      for each load (7)
  --rounds N       of everything but sleeps; their medians are told (3)
  --no-latency     no added latency
  --bursts N       of 20 requests at a small backend that sleeps; 0: nothing of sleeping (30)
  --sleeps N       of the small backend, under load (200)
  --peer NAME=URL  one more proxy, started by somebody else before a backend of its own, at
                   http://127.0.0.1:PORT; repeatable
  --json FILE      all figures, unrounded
  --write          puts them into docs/benchmarks.md

The proxy has core 0; backend and client share core 1. What is not installed is skipped with a note.

  npm run bench:gateway -- --write
  npm run bench:gateway -- --only direct,pulse --loads 1k-32 --seconds 3 --rounds 1 --bursts 0`,
  {
    only: { type: 'string' },
    loads: { type: 'string' },
    seconds: { type: 'string', default: '7' },
    rounds: { type: 'string', default: '3' },
    'no-latency': { type: 'boolean', default: false },
    sleeps: { type: 'string', default: '200' },
    bursts: { type: 'string', default: '30' },
    peer: { type: 'string', multiple: true, default: [] },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
)
const only = values.only?.split(',')
const chosen = [...peers, ...values.peer.map(namedPeer)].filter(
  ({ name }) => only?.includes(name) ?? true,
)
const directory = await mkdtemp(join(tmpdir(), 'bench-gateway-'))
try {
  await using backend = startPinned(otherCore, [
    process.execPath,
    join(import.meta.dirname, 'bench/gateway/backend-main.ts'),
  ])
  const backendPorts = JSON.parse(await backend.firstLine)
  const rows = await measureAll({
    seconds: Number(values.seconds),
    directory,
    backendPorts,
    wanted: loads.map(({ name }) => name).filter((name) => isWanted(name)),
    withLatency: !values['no-latency'],
  })
  const parts = [report(rows)]
  parts.push(...(await measurePairs(rows, backendPorts['keep-alive'])))
  const bursts = Number(values.bursts)
  if (bursts > 0) parts.push(renderSleeping(await measureSleepers(bursts)))
  const text = parts.join('\n\n')
  console.log(text)
  if (values.write) writeSection('The gateway beside other proxies', text)
  if (values.json !== undefined) await writeFile(values.json, JSON.stringify(rows, undefined, 2))
} finally {
  await rm(directory, { recursive: true })
}

/** All peers once a round, so that what else the machine does falls on each alike. */
async function measureAll(options: MeasureOptions): Promise<Row[]> {
  const rounds: Row[][] = chosen.map(() => [])
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const [at, peer] of chosen.entries()) {
      console.error(`round ${round + 1}: ${peer.name}, load ${loadavg()[0]?.toFixed(1)}`)
      rounds[at]?.push(await measurePeer(peer, options))
    }
  }
  return rounds.filter(({ length }) => length > 0).map(medianRow)
}

/** What two processes do: ours, and beside it that of a proxy which has no runtime of its own. */
async function measurePairs(rows: readonly Row[], backendPort: number): Promise<string[]> {
  const pairs: TwoBesideOne[] = []
  for (const name of ['pulse', 'nginx']) {
    const peer = chosen.find((one) => one.name === name)
    const row = rows.find((one) => one.peer === name)
    const aloneMicros = row?.loads['1k-32']?.cpuMicrosPerRequest
    if (!peer || aloneMicros === undefined) continue
    const options = { backendPort, directory, host: commonHost, seconds: Number(values.seconds) }
    pairs.push({ peer: name, aloneMicros, ...(await measureTwo(peer, options)) })
  }
  return pairs[0]?.peer === 'pulse' ? [renderTwo(pairs)] : []
}

async function measureSleepers(bursts: number): Promise<SleepingFigures[]> {
  const program = await writeSmallBackend(directory)
  const options = { program, directory, bursts, sleeps: Number(values.sleeps) }
  const figures: SleepingFigures[] = []
  for (const sleeper of sleepers.filter(({ name }) => only?.includes(name) ?? true)) {
    console.error(`sleeping: ${sleeper.name}`)
    figures.push(await measureSleeping(sleeper, options))
  }
  return figures
}

function isWanted(name: string): boolean {
  return values.loads?.split(',').includes(name) ?? true
}

function report(rows: readonly Row[]): string {
  return `${measuredOn()} · median of ${values.rounds} rounds of ${values.seconds} s · CPU µs of the proxy per request in parentheses · wrk, keep-alive; latency at 1,000 rps, 16 connections, from the scheduled time · pulse with PLANA_HEAP_MAX_MEGABYTES=${heapMegabytes}, all features on · tenement before a backend process of its own

${renderTable(rows)}

${renderRatios(rows, ['nginx', 'haproxy'])}`.trimEnd()
}
