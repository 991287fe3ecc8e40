import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { type Bench, isReady, until } from './pulse.ts'

export interface BenchRow {
  readonly name: string
  /** Milliseconds each; a text says why there is no figure. */
  readonly database: readonly number[] | string
  readonly ready: readonly number[] | string
  readonly page: readonly number[] | string
}

export interface CreationOptions {
  readonly name: string
  readonly hosting: 'pool' | 'instance'
  readonly standby: boolean
  readonly rounds: number
}

const kind = { apiVersion: 'planapulse.com/v1alpha1', kind: 'PLANAClient' } as const

/** Creates tenants one after the other, each when the machine has come to rest after the last. */
export async function measureCreations(
  bench: Bench,
  { name, hosting, standby, rounds }: CreationOptions,
): Promise<BenchRow> {
  const database: number[] = []
  const ready: number[] = []
  const page: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const label = `b${name.length}${hosting[0]}${standby ? 's' : 'n'}${round}`
    await until(`a standby for ${hosting}`, () => hasStandby(bench, hosting))
    if (!standby) await bench.pulse('task', 'standby-drop', '--edition=basic', '--major=18')
    const began = performance.now()
    await bench.objects.create(
      {
        ...kind,
        metadata: { name: label },
        spec: {
          subdomain: label,
          projectId: 1,
          tier: hosting === 'pool' ? 'starter' : 'pro',
          ownerEmail: 'owner@example.com',
          ownerName: label,
          settings: { language: 'bg_BG' },
        },
      },
      { fieldManager: 'bench' },
    )
    await until(`${label} is ready`, async () =>
      isReady(await bench.objects.get({ ...kind, name: label })) ? true : undefined,
    )
    ready.push(performance.now() - began)
    const status = await firstPage(bench.httpPort, `${label}.localhost`)
    if (status !== 200) throw new Error(`${label} answered ${status}`)
    page.push(performance.now() - began)
    database.push(await databaseStep(bench, label))
    await bench.objects.delete({ ...kind, name: label })
    await until(`${label} is gone`, async () =>
      (await bench.objects.get({ ...kind, name: label })) === undefined ? true : undefined,
    )
  }
  return { name, database, ready, page }
}

/** What PostgreSQL's own clone costs: the least that any way without standbys can take. */
export async function measureCloneBaseline({ query }: Bench, rounds: number): Promise<BenchRow> {
  const database: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now()
    await query('postgres', 'CREATE DATABASE bench_clone TEMPLATE "basic-template-18.localhost"')
    database.push(performance.now() - began)
    await query('postgres', 'DROP DATABASE bench_clone')
  }
  return {
    name: 'for comparison: CREATE DATABASE … TEMPLATE alone',
    database,
    ready: '–',
    page: '–',
  }
}

async function hasStandby({ query }: Bench, hosting: string): Promise<true | undefined> {
  const rows = await query('pulse', `SELECT 1 FROM odoo.standby WHERE hosting = '${hosting}'`)
  return rows.length > 0 ? true : undefined
}

/** From the claim's own journal: taking, personalising and publishing; the filestore goes beside it. */
async function databaseStep({ objects }: Bench, label: string): Promise<number> {
  const { items } = await objects.list({
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'crossplane-system',
  })
  const pod = items.find(({ metadata }) => metadata.name.startsWith(`claim-${label}-`))
  if (!pod) throw new Error(`no pod of the claim of ${label}`)
  const place = { namespace: 'crossplane-system', pod: pod.metadata.name }
  const log = await text(objects.logs(place, AbortSignal.timeout(10_000)))
  return log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): { step?: string; durationMs?: number } => JSON.parse(line))
    .filter(({ step = '' }) => ['take', 'personalise', 'publish'].includes(step))
    .reduce((sum, { durationMs = 0 }) => sum + durationMs, 0)
}

function firstPage(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port, path: '/web/login', headers: { host } },
      (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode ?? 0))
      },
    )
    outgoing.on('error', reject)
    outgoing.end()
  })
}
