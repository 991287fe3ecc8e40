import {
  createTestDatabase,
  type RunningPostgres,
  startTestPostgres,
  type TestDatabase,
} from '@pulse/testing'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAdministration } from '../database/administration.ts'
import { forEver, takeOver } from '../database/hostile-functions.suite.ts'
import { prepareServer } from '../database/register.ts'
import { createTenantReader, readerRole } from '../database/tenant-reader.ts'
import { createBusPositions } from './bus-position.ts'

const owner = 'tenant_of_buses'
let server: RunningPostgres
let readPosition: ReturnType<typeof createBusPositions>

beforeAll(async () => {
  server = await startTestPostgres()
  const access = { admin: place(), tenant: { host: server.host, port: server.port } }
  await prepareServer(createAdministration(access))
  await ask('postgres', `CREATE ROLE ${owner} LOGIN`)
  readPosition = createBusPositions(createTenantReader(access))
})
afterAll(() => server.stop())

const place = () => ({ host: server.socketFolder, port: server.port, user: server.user })

/** As the superuser. */
async function ask(database: string, text: string, values: readonly unknown[] = []) {
  const client = new pg.Client({ ...place(), database })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text, [...values])).rows
  } finally {
    await client.end()
  }
}

/** A tenant's database, in which it has done this. */
async function makeDatabase(...statements: readonly string[]): Promise<TestDatabase> {
  const database = await createTestDatabase(server)
  await ask('postgres', `REVOKE ALL ON DATABASE ${database.name} FROM PUBLIC`)
  await ask('postgres', `ALTER DATABASE ${database.name} OWNER TO ${owner}`)
  await ask(database.name, `ALTER SCHEMA public OWNER TO ${owner}`)
  await ask(database.name, [`SET ROLE ${owner}`, ...statements].join('; '))
  return database
}

const busOf = (length: number) =>
  `CREATE TABLE bus_bus (id serial); INSERT INTO bus_bus SELECT generate_series(1, ${length})`

const sessions = () =>
  ask('postgres', 'SELECT datname, state FROM pg_stat_activity WHERE usename = $1', [readerRole])

test('tells the highest id of each bus, of many at once, and nothing of a database without one', async () => {
  await using databases = new AsyncDisposableStack()
  const names: string[] = []
  for (let count = 0; count < 20; count += 1) {
    names.push(databases.use(await makeDatabase(busOf(count))).name)
  }
  const asked = [...names, ...names]
  expect(await Promise.all(asked.map(readPosition))).toEqual([...names.keys(), ...names.keys()])
  const other = databases.use(await makeDatabase())
  await expect(readPosition(other.name)).rejects.toThrow('bus_bus')
  await ask(other.name, busOf(3))
  expect(await readPosition(other.name)).toBe(3)
})

test('what a tenant has put in the place of its bus runs with no rights at all', async () => {
  await using database = await makeDatabase(
    'CREATE TABLE res_partner (id int)',
    takeOver(owner),
    'CREATE VIEW bus_bus AS SELECT CASE WHEN take_over() THEN 7 END AS id',
  )
  const roles = () =>
    ask(
      'postgres',
      `SELECT rolname, rolsuper, rolpassword,
         (SELECT json_agg(m.member::regrole) FROM pg_auth_members m WHERE m.roleid = r.oid) AS members,
         (SELECT json_agg(s.setconfig) FROM pg_db_role_setting s WHERE s.setrole = r.oid) AS settings
       FROM pg_authid r ORDER BY 1`,
    )
  await readPosition(database.name)
  const before = await roles()
  // It did run, or there would be no such number.
  expect(await readPosition(database.name)).toBe(7)
  expect(await roles()).toEqual(before)
})

test.each([
  ['of a bus whose ids are texts', `SELECT repeat('x', 100000000) AS id`, 'cannot be matched'],
  ['of a bus whose ids are no numbers', `SELECT 'NaN'::float8 AS id`, 'out of range'],
  ['where the answer is a long error', 'SELECT fail() AS id', 'more than'],
  ['where the answer is remarks without end', 'SELECT babble() AS id', 'more than'],
])('%s no position is told, and no session stays', async (_, view, reason) => {
  const text = `'%', repeat('x', 100000000)`
  await using database = await makeDatabase(
    `CREATE FUNCTION fail() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE ${text}; END $$`,
    `CREATE FUNCTION babble() RETURNS int LANGUAGE plpgsql AS
       $$ BEGIN LOOP RAISE NOTICE ${text}; END LOOP; END $$`,
    `CREATE VIEW bus_bus AS ${view}`,
  )
  await expect(readPosition(database.name)).rejects.toThrow(reason)
  await expect.poll(sessions, { timeout: 5_000 }).toEqual([])
})

test('what would never end ends within seconds, leaves no session, and holds up others no longer', async () => {
  await using databases = new AsyncDisposableStack()
  const endless: string[] = []
  for (let count = 0; count < 10; count += 1) {
    const view = 'CREATE VIEW bus_bus AS SELECT CASE WHEN for_ever() THEN 1 END AS id'
    endless.push(databases.use(await makeDatabase(forEver, view)).name)
  }
  const other = databases.use(await makeDatabase(busOf(5)))
  const began = performance.now()
  const questions = Promise.allSettled(endless.map(readPosition))
  expect(await readPosition(other.name)).toBe(5)
  expect(performance.now() - began).toBeLessThan(20_000)
  expect((await questions).map(({ status }) => status)).toEqual(endless.map(() => 'rejected'))
  await expect.poll(sessions, { timeout: 5_000 }).toEqual([])
})
