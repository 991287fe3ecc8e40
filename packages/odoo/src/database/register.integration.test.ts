import { type RunningPostgres, startTestPostgres } from '@pulse/testing'
import pg from 'pg'
import { expect, test } from 'vitest'
import { createAdministration } from './administration.ts'
import { prepareServer } from './register.ts'

function accessTo({ socketFolder, host, port, user }: RunningPostgres) {
  return { admin: { host: socketFolder, port, user }, tenant: { host, port } }
}

test('whoever prepares a new server at the same time as others finds it prepared', async () => {
  await using server = await startTestPostgres()
  const administration = createAdministration(accessTo(server))
  await Promise.all(Array.from({ length: 4 }, () => prepareServer(administration)))
  const client = new pg.Client({ ...accessTo(server).admin, database: 'pulse' })
  await client.connect()
  const { rows } = await client.query('SELECT count(*)::int AS versions FROM odoo.schema_version')
  await client.end()
  expect(rows[0]?.versions).toBeGreaterThan(0)
})

test('no tenant holds up the start of Pulse by a lock that it can take', async () => {
  await using server = await startTestPostgres()
  const { admin, tenant } = accessTo(server)
  await prepareServer(createAdministration({ admin, tenant }))
  const owner = new pg.Client({ ...admin, database: 'postgres' })
  await owner.connect()
  await owner.query(`CREATE ROLE acme LOGIN PASSWORD 'secret' IN ROLE pulse_tenant`)
  await owner.end()
  const stranger = new pg.Client({
    ...tenant,
    user: 'acme',
    password: 'secret',
    database: 'postgres',
  })
  await stranger.connect()
  await stranger.query(`SELECT pg_advisory_lock(hashtextextended('pulse:prepare-server', 0))`)
  const signal = AbortSignal.timeout(15_000)
  await expect(prepareServer(createAdministration({ admin, tenant }), signal)).resolves.toBe(
    undefined,
  )
  await stranger.end()
})
