import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { apiVersion } from '@pulse/api'
import pg from 'pg'
import type { KeyedTable } from '../benchmarks-page.ts'
import { measuredOn } from '../measured-on.ts'
import { isReady, until } from '../pulse.ts'
import { timeKubectl, timeWatchers } from './clients.ts'
import { type Installation, openInstallation, type RunningPulse } from './installation.ts'

interface FleetFigures {
  readonly tenants: number
  readonly startSeconds: number
  readonly settledSeconds: number
  /** Of Pulse, from its start until then. */
  readonly cpuSeconds: number
  /** Of tenants' objects; leases are written all the time. */
  readonly writes: number
  readonly idleCpuShare: number
  readonly rssBytes: number
  readonly kubectlSeconds: number
  readonly watchersMs: number
}

/** A Pulse that is started with so many sleeping instances in its store, for each of these numbers. */
export async function measureFleet(sizes: readonly number[]): Promise<KeyedTable> {
  await using installation = await openInstallation()
  await prepare(installation)
  const figures: FleetFigures[] = []
  let from = 0
  for (const tenants of sizes) {
    await seed(installation, from, tenants)
    from = tenants
    figures.push(await measureStart(installation, tenants))
  }
  return {
    head: [
      ...['sleeping instances', 'start → serving s', 'all reconciled after s', 'CPU s until then'],
      ...['of it ms each', 'writes to tenants', 'idle CPU %', 'RSS MB'],
      ...['kubectl get s', 'event to 100 watchers p99 ms', 'measured'],
    ],
    rows: figures.map((each) => [
      each.tenants.toLocaleString('en'),
      each.startSeconds.toFixed(1),
      each.settledSeconds.toFixed(0),
      each.cpuSeconds.toFixed(0),
      ((each.cpuSeconds * 1000) / each.tenants).toFixed(1),
      String(each.writes),
      (each.idleCpuShare * 100).toFixed(2),
      (each.rssBytes / 1e6).toFixed(0),
      each.kubectlSeconds.toFixed(1),
      each.watchersMs.toFixed(0),
      measuredOn(),
    ]),
  }
}

/** Once started, it has everything but tenants. */
async function prepare(installation: Installation) {
  const pulse = await installation.start()
  const objects = await pulse.connect()
  for (const name of ['basic-18', 'pro-18']) {
    const template = { apiVersion, kind: 'TemplateSnapshot', name }
    await until(`template ${name}`, async () =>
      isReady(await objects.get(template)) ? true : undefined,
    )
  }
  await objects.close()
  await pulse.end()
}

async function seed(installation: Installation, from: number, to: number) {
  const { host, port, user } = await installation.store()
  const url = `postgres://${user}@/pulse?host=${encodeURIComponent(host)}&port=${port}`
  const args = [url, String(from), String(to)]
  const { env } = installation
  const child = fork(join(import.meta.dirname, 'seed-main.ts'), args, { env })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`seeding ended with ${code}`)
}

/** With nothing in line for so long, the first round is over. */
const restSeconds = 5
const longestSeconds = 1_800
/** Their schedules are read at no more than this many a second, which is no rest yet. */
const schedulesPerSecond = 35
const idleSeconds = 60

async function measureStart(installation: Installation, tenants: number): Promise<FleetFigures> {
  const place = await installation.store()
  const store = new pg.Client({ ...place, database: 'pulse' })
  await store.connect()
  const version = await versionOf(store)
  const pulse = await installation.start()
  try {
    const settledSeconds = await untilReconciled(pulse)
    const { cpuSeconds } = await pulse.figures()
    await delay((tenants / schedulesPerSecond) * 1000)
    const before = await pulse.figures()
    await delay(idleSeconds * 1000)
    const after = await pulse.figures()
    const writes = await writesSince(store, version)
    const clients = await measureClients(installation, pulse)
    return {
      tenants,
      startSeconds: pulse.startSeconds,
      settledSeconds: pulse.startSeconds + settledSeconds,
      cpuSeconds,
      writes,
      idleCpuShare: (after.cpuSeconds - before.cpuSeconds) / idleSeconds,
      rssBytes: after.rssBytes,
      ...clients,
    }
  } finally {
    await pulse.end()
    await store.end()
  }
}

async function measureClients({ stateDir }: Installation, pulse: RunningPulse) {
  const kubectlSeconds = await timeKubectl(stateDir)
  const objects = await pulse.connect()
  try {
    return { kubectlSeconds, watchersMs: await timeWatchers(objects) }
  } finally {
    await objects.close()
  }
}

/** Until no controller has anything in line any more. */
async function untilReconciled(pulse: RunningPulse): Promise<number> {
  for (let second = 1, quiet = 0; second <= longestSeconds; second += 1) {
    await delay(1000)
    quiet = (await pulse.waiting()) === 0 ? quiet + 1 : 0
    if (quiet === restSeconds) return second - restSeconds
  }
  throw new Error(`Pulse has not come to rest within ${longestSeconds} s`)
}

async function versionOf(store: pg.Client): Promise<number> {
  const { rows } = await store.query('SELECT value FROM clock')
  return Number(rows[0]?.value)
}

async function writesSince(store: pg.Client, version: number): Promise<number> {
  const { rows } = await store.query(
    `SELECT count(*) AS writes FROM change
      WHERE version > $1 AND (namespace LIKE 'instance-%' OR name LIKE '%tenant-%')`,
    [version],
  )
  return Number(rows[0]?.writes)
}
