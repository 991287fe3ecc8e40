import { createHmac, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStandIn, testPostgres } from '@pulse/testing'

const id = 'pool-18.1'

export interface GuardedStandIn extends AsyncDisposable {
  readonly httpPort: number
  /** The header of what is passed on for a visitor. */
  readonly identity: Record<string, string>
  /** As Pulse itself asks. */
  readonly control: Record<string, string>
}

/** A stand-in for Odoo 18 behind its guard, as a pool worker: every database of the role, by its host. */
export async function startGuardedStandIn(
  role: { readonly name: string; readonly password: string },
  workers: number,
): Promise<GuardedStandIn> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-guarded-'))
  const key = randomBytes(32)
  await writeFile(join(folder, 'key'), key.toString('hex'), { mode: 0o600 })
  const { host, port } = testPostgres()
  const odoo = await startStandIn({
    major: '18',
    args: [
      ...[`--data-dir=${folder}`, '--db-filter=^%h$', '--no-database-list', '--proxy-mode'],
      ...[`--workers=${workers}`, '--max-cron-threads=0'],
    ],
    environment: {
      ...{ PGHOST: host, PGPORT: String(port), PGUSER: role.name, PGPASSWORD: role.password },
      ...{ PULSE_BACKEND_ID: id, PULSE_BACKEND_KEY_FILE: join(folder, 'key') },
    },
  })
  const signed = (purpose: string) => ({
    'X-Pulse-Backend': `${id}.${createHmac('sha256', key).update(`${purpose}${id}`).digest('hex')}`,
  })
  return {
    httpPort: odoo.httpPort,
    identity: signed(''),
    control: signed('control '),
    async [Symbol.asyncDispose]() {
      await odoo.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
