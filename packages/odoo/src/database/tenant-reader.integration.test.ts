import { createTestDatabase, type RunningPostgres, startTestPostgres } from '@pulse/testing'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAdministration } from './administration.ts'
import { forEver } from './hostile-functions.suite.ts'
import { prepareServer } from './register.ts'
import { createTenantReader, readerRole } from './tenant-reader.ts'

let server: RunningPostgres
let database: string

beforeAll(async () => {
  server = await startTestPostgres()
  await prepareServer(createAdministration(accessTo(server)))
  database = (await createTestDatabase(server)).name
  await ask('postgres', `REVOKE ALL ON DATABASE ${database} FROM PUBLIC`)
  await ask(database, 'CREATE TABLE bus_bus (id int); INSERT INTO bus_bus VALUES (7)')
})
afterAll(() => server.stop())

function accessTo({ socketFolder, host, port, user }: RunningPostgres) {
  return { admin: { host: socketFolder, port, user }, tenant: { host, port } }
}

/** As the superuser. */
async function ask(name: string, text: string, at: RunningPostgres = server) {
  const client = new pg.Client({ ...accessTo(at).admin, database: name })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}

function openReader(password: () => Promise<string>, at: RunningPostgres = server) {
  const reader = createTenantReader({ ...accessTo(at), password })
  return (signal = AbortSignal.timeout(30_000), text = 'SELECT id FROM bus_bus') =>
    reader.read(database, signal, (inside) => inside.query(text))
}

const rows = [{ id: 7 }]

test('many who open at once, and find the right to read missing, all read, and go on reading', async () => {
  const readers = Array.from({ length: 10 }, () => openReader(async () => 'the same'))
  expect(await Promise.all(readers.map((read) => read()))).toEqual(readers.map(() => rows))
  const late = openReader(async () => 'the same')
  expect(await late()).toEqual(rows)
  expect(await Promise.all(readers.map((read) => read()))).toEqual(readers.map(() => rows))
})

test('who could not open opens at the next question', async () => {
  const passwords = [Promise.reject(new Error('the store is away')), Promise.resolve('the same')]
  passwords[0]?.catch(() => undefined)
  const read = openReader(async () => (await passwords.shift()) ?? '')
  await expect(read()).rejects.toThrow('the store is away')
  expect(await read()).toEqual(rows)
  expect(await read()).toEqual(rows)
})

test('who is refused because the password has changed learns the new one at the next question', async () => {
  let password = 'the first'
  const one = openReader(async () => password)
  expect(await one()).toEqual(rows)
  password = 'the second'
  expect(await openReader(async () => password)()).toEqual(rows)
  await expect(one()).rejects.toThrow('password authentication failed')
  expect(await one()).toEqual(rows)
})

test('a read that is given up leaves no session', async () => {
  await ask(database, forEver)
  const read = openReader(async () => 'the same')
  await read()
  const stop = new AbortController()
  const asked = read(stop.signal, 'SELECT for_ever()')
  const sessions = () =>
    ask('postgres', `SELECT state FROM pg_stat_activity WHERE usename = '${readerRole}'`)
  await expect.poll(sessions, { timeout: 5_000 }).toEqual([{ state: 'active' }])
  stop.abort()
  await expect(asked).rejects.toThrow()
  await expect.poll(sessions, { timeout: 5_000 }).toEqual([])
})

test('nothing is written, whatever the login may', async () => {
  const read = openReader(async () => 'the same')
  await ask(database, `GRANT ALL ON bus_bus TO ${readerRole}`)
  const writing = read(undefined, 'DELETE FROM bus_bus')
  await expect(writing).rejects.toThrow('read-only transaction')
})

test('the login of an earlier installation goes on under its new name, and nobody logs in under the old one', async () => {
  await using earlier = await startTestPostgres()
  const administration = createAdministration(accessTo(earlier))
  const prepareFrom2 = async () => {
    await ask('pulse', 'DELETE FROM odoo.schema_version WHERE version > 2', earlier)
    await prepareServer(administration)
  }
  const logins = () =>
    ask(
      'postgres',
      `SELECT rolname, rolcanlogin, rolpassword FROM pg_authid WHERE rolname IN ('pulse_calendar', 'pulse_reader') ORDER BY 1`,
      earlier,
    )
  await prepareServer(administration)
  await ask('postgres', `CREATE ROLE pulse_calendar LOGIN PASSWORD 'old'`, earlier)
  await ask('postgres', `CREATE DATABASE ${database}`, earlier)
  await ask(database, 'CREATE TABLE bus_bus AS SELECT 7 AS id', earlier)
  await ask(database, 'GRANT SELECT ON bus_bus TO pulse_calendar', earlier)
  await prepareFrom2()
  const closed = { rolcanlogin: false, rolpassword: null }
  expect(await logins()).toEqual([{ rolname: 'pulse_reader', ...closed }])
  expect(await openReader(async () => 'new', earlier)()).toEqual(rows)

  // Where both are, each of them stays what it is.
  await ask('postgres', `CREATE ROLE pulse_calendar LOGIN PASSWORD 'old'`, earlier)
  await prepareFrom2()
  expect(await logins()).toMatchObject([
    { rolname: 'pulse_calendar', ...closed },
    { rolname: 'pulse_reader', rolcanlogin: true },
  ])
  expect(await openReader(async () => 'new', earlier)()).toEqual(rows)
})
