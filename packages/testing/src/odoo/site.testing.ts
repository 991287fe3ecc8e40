import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OdooMajor } from '@pulse/api'
import pg from 'pg'
import { testPostgres } from '../postgres.ts'
import { type RunningStandIn, standInProgram, startStandIn } from '../stand-in.ts'

/** How a stand-in reaches this run's PostgreSQL. */
function postgresEnvironment(): Record<string, string> {
  const { socketFolder, port, user } = testPostgres()
  return { PGHOST: socketFolder, PGPORT: String(port), PGUSER: user }
}

/** Runs the stand-in to its end, as a task would: install, update, neutralise. */
export async function runOdoo(major: OdooMajor, ...args: string[]) {
  const program = standInProgram(major)
  const child = spawn(program.command, [...program.args, ...args], {
    env: { PATH: process.env.PATH, ...postgresEnvironment(), PULSE_STANDIN_BURN: '0' },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')))
  }
  const [status]: unknown[] = await once(child, 'close')
  return { status, output }
}

export interface TestServer extends AsyncDisposable {
  readonly odoo: RunningStandIn
  readonly dataDir: string
}

/** A pool worker: every database by its host, no list, as Pulse starts it. */
export async function startPool(
  major: OdooMajor,
  args: readonly string[] = [],
  environment: Record<string, string> = {},
): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pulse-stand-in-'))
  const odoo = await startStandIn({
    major,
    args: [
      `--data-dir=${dataDir}`,
      '--db-filter=^%h$',
      '--no-database-list',
      '--proxy-mode',
      ...args,
    ],
    environment: { ...postgresEnvironment(), ...environment },
  })
  return {
    odoo,
    dataDir,
    async [Symbol.asyncDispose]() {
      await odoo.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** One statement in one database, as somebody outside Odoo. */
export async function sql(database: string, text: string, values: readonly unknown[] = []) {
  const { socketFolder: host, port, user } = testPostgres()
  const client = new pg.Client({ host, port, user, database })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text, [...values])).rows
  } finally {
    await client.end()
  }
}
