import { createTestDatabase, type TestDatabase } from '@pulse/testing'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Connection } from './connection.ts'
import { migrate, migrateBack, schemaVersions } from './migrate.ts'
import { migrations } from './migrations.ts'

let database: TestDatabase
let client: pg.Client
let connection: Connection

beforeEach(async () => {
  database = await createTestDatabase()
  client = new pg.Client(database.connection)
  await client.connect()
  connection = { query: (text, values) => client.query(text, values) }
})
afterEach(async () => {
  await client.end()
  await database.drop()
})

const newest = migrations.at(-1)?.version ?? 0
const next = {
  version: newest + 1,
  sql: 'ALTER TABLE object ADD COLUMN added text',
  back: 'ALTER TABLE object DROP COLUMN added',
}
const remember = () => client.query("INSERT INTO unique_name VALUES ('acme', 'uid')")
const names = async () => (await client.query('SELECT name FROM unique_name')).rows

test('every migration but the first has a way back', () => {
  expect(migrations.slice(1).filter(({ back }) => back === undefined)).toEqual([])
})

test('a step forward and back leaves the rows, and the older release goes on with them', async () => {
  await migrate(connection)
  await remember()
  await migrate(connection, [...migrations, next])
  await migrateBack(connection, newest, [...migrations, next])
  await migrate(connection)
  expect(await names()).toEqual([{ name: 'acme' }])
  expect(await schemaVersions(connection)).toEqual({ current: newest, known: newest })
})

test('the refusal of a newer schema says what takes it back, and only its own release does', async () => {
  await migrate(connection, [...migrations, next])
  await expect(migrate(connection)).rejects.toThrow(`pulse migrate --store ${newest}`)
  await expect(migrateBack(connection, newest)).rejects.toThrow('only the Pulse that made')
})

test('a way back that fails leaves everything as it was', async () => {
  const broken = { ...next, back: 'ALTER TABLE object DROP COLUMN added; SELECT 1 / 0' }
  await migrate(connection, [...migrations, broken])
  await expect(migrateBack(connection, newest, [...migrations, broken])).rejects.toThrow('zero')
  await client.query('SELECT added FROM object')
  await expect(migrateBack(connection, 0, [...migrations, next])).rejects.toThrow('no way back')
  await client.query('SELECT added FROM object')
})
