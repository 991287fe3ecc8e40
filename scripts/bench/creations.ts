import { waitUntil, waitUntilGone } from '../../apps/pulse/src/commands/wait-until.ts'
import { type Bench, isReady, limitMs, until } from './pulse.ts'
import { statusAt } from './status-at.ts'

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
  /** What there is to start from: a database made ahead, its template alone, or nothing but the runtime. */
  readonly from: 'standby' | 'template' | 'runtime'
  readonly rounds: number
}

const kind = { apiVersion: 'planapulse.com/v1alpha1', kind: 'PLANAClient' } as const

const limits = { timeoutMs: limitMs, signal: new AbortController().signal }

/** Creates tenants one after the other, each when the machine has come to rest after the last. */
export async function measureCreations(
  bench: Bench,
  { name, hosting, from, rounds }: CreationOptions,
): Promise<BenchRow> {
  const database: number[] = []
  const ready: number[] = []
  const page: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const label = `${hosting}-${from}-${round}`
    await prepare(bench, { hosting, from })
    const stepsBefore = await databaseSteps(bench)
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
    await waitUntil(bench.objects, { ...kind, name: label }, { ...limits, holds: isReady })
    ready.push(performance.now() - began)
    const status = await statusAt(bench.httpPort, `${label}.localhost`)
    if (status !== 200) throw new Error(`${label} answered ${status}`)
    page.push(performance.now() - began)
    database.push((await databaseSteps(bench)) - stepsBefore)
    await bench.objects.delete({ ...kind, name: label })
    await waitUntilGone(bench.objects, { ...kind, name: label }, limits)
  }
  return { name, database, ready, page }
}

async function prepare(bench: Bench, { hosting, from }: Pick<CreationOptions, 'hosting' | 'from'>) {
  const edition = hosting === 'pool' ? 'basic' : 'pro'
  if (from === 'runtime') {
    await bench.query('pulse', `DELETE FROM odoo.template WHERE edition = '${edition}'`)
  } else {
    // Filling has come to its end when there is one again.
    await until(`a standby for ${hosting}`, () => hasStandby(bench, hosting))
  }
  if (from !== 'standby') {
    await bench.pulse('task', 'standby-drop', `--edition=${edition}`, '--major=18')
  }
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

/** Milliseconds that all claims so far took for taking, personalising and publishing; the filestore goes beside it. */
async function databaseSteps({ metrics }: Bench): Promise<number> {
  const sums = (await metrics()).matchAll(
    /^pulse_task_step_duration_seconds_sum\{task="claim",step="(?:take|personalise|publish)"\} (\S+)$/gm,
  )
  return [...sums].reduce((total, [, seconds]) => total + Number(seconds) * 1000, 0)
}
