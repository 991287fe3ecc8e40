import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createClientKinds } from '@pulse/api'
import { createPostgresObjects } from '@pulse/engine'
import { createLog } from '@pulse/service'
import { createTestDatabase, startTestPostgres } from '@pulse/testing'
import { heapFlags } from '../../../apps/pulse/src/launch/bound-heap.ts'
import type { KeyedTable } from '../benchmarks-page.ts'
import { forkMain } from '../forked-main.ts'
import { percentile } from '../gateway/percentile.ts'
import { otherCore, startPinned } from '../gateway/pinned-process.ts'
import { measuredOn } from '../measured-on.ts'
import { statusAt } from '../status-at.ts'
import { hostOf, seedGround, seedTenants } from './known-tenants.ts'

interface GatewayAnswer {
  readonly port: number
  readonly rss: number
  readonly known: number
  readonly lookupNs: number
  readonly sweepMs: readonly number[]
}

interface KnownFigures extends GatewayAnswer {
  readonly tenants: number
  readonly startSeconds: number
}

export interface KnownOptions {
  readonly tenants: number
  readonly awake: number
  readonly heapMegabytes: number
}

const visitsEach = 10
const sweepsForMs = 20_000

/** A gateway that knows those who are awake alone, and another one that knows all. */
export async function measureKnown(options: KnownOptions): Promise<KeyedTable> {
  const { tenants, awake } = options
  await using postgres = await startTestPostgres()
  await using database = await createTestDatabase(postgres)
  await using backend = startPinned(otherCore, [
    process.execPath,
    join(import.meta.dirname, '../gateway/backend-main.ts'),
  ])
  const { 'keep-alive': backendPort } = JSON.parse(await backend.firstLine)
  const connection = {
    host: postgres.socketFolder,
    port: postgres.port,
    user: postgres.user,
    database: database.name,
  }
  const { findKind: kinds } = createClientKinds()
  const objects = await createPostgresObjects({ connection, kinds, log: createLog('warn') })
  const figures: KnownFigures[] = []
  try {
    await seedGround(objects)
    for (const [from, to] of [
      [0, awake],
      [awake, tenants],
    ] as const) {
      await seedTenants(objects, { from, to, awake, backendPort })
      figures.push(await measureGateway(JSON.stringify(connection), { ...options, tenants: to }))
    }
  } finally {
    await objects.close()
  }
  return render(figures, options)
}

async function measureGateway(
  connection: string,
  { tenants, awake, heapMegabytes }: KnownOptions,
): Promise<KnownFigures> {
  const begun = performance.now()
  const main = join(import.meta.dirname, 'known-gateway-main.ts')
  const args = [connection, String(tenants)]
  await using gateway = forkMain<GatewayAnswer>(main, args, heapFlags(heapMegabytes))
  const { port } = await gateway.answer()
  const startSeconds = (performance.now() - begun) / 1000
  for (let visit = 0; visit < visitsEach * awake; visit += 1) {
    const status = await statusAt(port, hostOf(visit % awake))
    if (status !== 200) throw new Error(`${hostOf(visit % awake)} answered ${status}`)
  }
  // What its first seconds take to be compiled is no matter of how many it knows.
  await gateway.ask({})
  await delay(sweepsForMs)
  const answer = await gateway.ask({})
  return { ...answer, tenants, startSeconds }
}

function render(
  figures: readonly KnownFigures[],
  { awake, heapMegabytes }: KnownOptions,
): KeyedTable {
  return {
    head: [
      ...['known', 'awake', 'found', 'RSS MiB', 'of heap at most', 'look-up of a route ns'],
      ...['sweep ms p50 / max', 'start s', 'measured'],
    ],
    rows: figures.map(({ tenants, known, rss, lookupNs, sweepMs, startSeconds }) => [
      tenants.toLocaleString('en'),
      String(awake),
      known.toLocaleString('en'),
      (rss / 1024 ** 2).toFixed(0),
      String(heapMegabytes),
      lookupNs.toFixed(0),
      [0.5, 1].map((share) => percentile(sweepMs, share).toFixed(2)).join(' / '),
      startSeconds.toFixed(1),
      measuredOn(),
    ]),
  }
}
