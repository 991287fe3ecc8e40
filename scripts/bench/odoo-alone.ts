import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@pulse/testing'
import type { BenchRow } from './creations.ts'
import { type Bench, type RealOdoo, until } from './pulse.ts'
import { statusAt } from './status-at.ts'

const template = 'basic-template-18.localhost'
const role = 'bench_alone'

/**
 * The same Odoo on the same PostgreSQL and template, started by hand without Pulse, on a database that is ready: what a
 * process needs from its start to its first page, and for the first page of one more database. The least that a tenant
 * can take here, and what tells Pulse's part from the machine's.
 */
export async function measureOdooAlone(
  bench: Bench,
  odoo: RealOdoo,
  rounds: number,
): Promise<readonly BenchRow[]> {
  const started: number[] = []
  const further: number[] = []
  const password = randomBytes(18).toString('hex')
  await bench.query('postgres', `CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD '${password}'`)
  try {
    for (let round = 0; round < rounds; round += 1) {
      await using one = await startAlone(bench, odoo, password)
      started.push(await firstPage(one, 'alone-1.localhost'))
      const begin = performance.now()
      await firstPage(one, 'alone-2.localhost')
      further.push(performance.now() - begin)
    }
  } finally {
    await bench.query('postgres', `DROP ROLE ${role}`)
  }
  const row = { database: '–', ready: '–' }
  return [
    { ...row, name: 'for comparison: Odoo alone, process start → first page', page: started },
    { ...row, name: 'for comparison: Odoo alone, first page of a further database', page: further },
  ]
}

interface Alone extends AsyncDisposable {
  readonly port: number
  readonly startedAt: number
  readonly child: ChildProcess
}

async function startAlone(
  bench: Bench,
  { source, python }: RealOdoo,
  password: string,
): Promise<Alone> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-alone-'))
  const databases = ['alone-1.localhost', 'alone-2.localhost']
  for (const database of databases) {
    await bench.query('postgres', `CREATE DATABASE "${database}" TEMPLATE "${template}"`)
    await bench.query('postgres', `ALTER DATABASE "${database}" OWNER TO ${role}`)
    const files = join(bench.stateDir, 'templates', template, 'filestore')
    await cp(files, join(folder, 'filestore', database), { recursive: true })
  }
  const port = await freePort()
  const startedAt = performance.now()
  const child = spawn(
    python,
    [
      join(source, 'odoo-bin'),
      ...['--data-dir', folder, '--http-interface', '127.0.0.1', '--http-port', String(port)],
      ...['--db-filter', '^%h$', '--no-database-list', '--workers', '0', '--log-level', 'error'],
    ],
    {
      env: {
        PATH: process.env.PATH ?? '',
        HOME: folder,
        PGHOST: bench.postgres.host,
        PGPORT: String(bench.postgres.port),
        PGUSER: role,
        PGPASSWORD: password,
      },
      stdio: 'inherit',
    },
  )
  return {
    ...{ port, startedAt, child },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      for (const database of databases) {
        await bench.query('postgres', `DROP DATABASE "${database}" WITH (FORCE)`)
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Milliseconds from the process's start. */
async function firstPage({ port, startedAt, child }: Alone, host: string): Promise<number> {
  await until(
    `${host} answers`,
    async () => {
      if (child.exitCode !== null) throw new Error(`Odoo ended with ${child.exitCode}`)
      const status = await statusAt(port, host).catch(() => undefined)
      return status === 200 ? true : undefined
    },
    10,
  )
  return performance.now() - startedAt
}
