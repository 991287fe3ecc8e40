import { createTestDatabase, type TestDatabase } from '@pulse/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Connection, createAdministration } from './administration.ts'
import { migrateRegister, migrateRegisterBack, registerVersions } from './migrate-register.ts'
import { registerMigrations } from './register-migrations.ts'

let database: TestDatabase
let connection: Connection

const connect = () =>
  createAdministration({
    admin: database.connection,
    tenant: { host: '127.0.0.1', port: 0 },
  }).connect(database.name)

beforeEach(async () => {
  database = await createTestDatabase()
  connection = await connect()
})
afterEach(async () => {
  await connection.end()
  await database.drop()
})

const first = registerMigrations.slice(0, 1)
const newest = registerMigrations.at(-1)?.version ?? 0

const column = async (statement: string) =>
  (await connection.query(statement)).map((row) => Object.values(row)[0])
const versions = () => column('SELECT version FROM odoo.schema_version ORDER BY 1')
const names = () => column('SELECT name FROM odoo.database_name')
const remember = () => connection.query("INSERT INTO odoo.database_name VALUES ('acme', 7)")

test('an installation of version 1 is carried on with its rows', async () => {
  await migrateRegister(connection, first)
  await remember()
  await migrateRegister(connection)
  expect(await versions()).toEqual(registerMigrations.map(({ version }) => version))
  expect(await names()).toEqual(['acme'])
  expect(await column("SELECT to_regclass('odoo.dropped') IS NOT NULL")).toEqual([true])
})

test('an installation from before there were versions is carried on with its rows', async () => {
  const tables = registerMigrations.map(({ sql }) => sql)
  await connection.query(`CREATE SCHEMA odoo; ${tables.join('')}`)
  await remember()
  await migrateRegister(connection)
  expect(await versions()).toContain(newest)
  expect(await names()).toEqual(['acme'])
})

test('a step that fails leaves everything as it was', async () => {
  const broken = { version: newest + 2, sql: 'SELECT 1 / 0' }
  const harmless = { version: newest + 1, sql: 'CREATE TABLE odoo.harmless (id int)' }
  await migrateRegister(connection, first)
  await expect(
    migrateRegister(connection, [...registerMigrations, harmless, broken]),
  ).rejects.toThrow('division by zero')
  expect(await versions()).toEqual([1])
  expect(await column("SELECT to_regclass('odoo.harmless') IS NULL")).toEqual([true])
})

test('a register of a newer Pulse is refused', async () => {
  const next = { version: newest + 1, sql: 'SELECT 1' }
  await migrateRegister(connection, [...registerMigrations, next])
  await expect(migrateRegister(connection)).rejects.toThrow('start the newer one')
})

test('two that come at once make it once', async () => {
  const other = await connect()
  await Promise.all([migrateRegister(connection), migrateRegister(other)])
  await other.end()
  expect(await versions()).toHaveLength(registerMigrations.length)
})

/** Every column and index of the register. */
const shape = () =>
  connection.query(`
    SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
     WHERE table_schema = 'odoo' UNION ALL
    SELECT tablename, indexname, indexdef, '' FROM pg_indexes WHERE schemaname = 'odoo' ORDER BY 1, 2`)

test.each(registerMigrations.slice(1).map(({ version }) => version))(
  'version %s can be taken back and made again; what was there before it stays',
  async (version) => {
    const before = registerMigrations.filter((one) => one.version < version)
    const until = registerMigrations.filter((one) => one.version <= version)
    await migrateRegister(connection, before)
    await remember()
    const shapeBefore = await shape()
    await migrateRegister(connection, until)
    const shapeAfter = await shape()
    await migrateRegisterBack(connection, version - 1, until)
    expect(await shape()).toEqual(shapeBefore)
    expect(await versions()).toEqual(before.map((one) => one.version))
    // What the older release does at its start.
    await migrateRegister(connection, before)
    await migrateRegister(connection, until)
    expect(await shape()).toEqual(shapeAfter)
    expect(await names()).toEqual(['acme'])
  },
)

test('the refusal of a newer register says what takes it back', async () => {
  const next = { version: newest + 1, sql: 'SELECT 1', back: 'SELECT 1' }
  await migrateRegister(connection, [...registerMigrations, next])
  await expect(migrateRegister(connection)).rejects.toThrow(`pulse migrate --register ${newest}`)
  await expect(migrateRegisterBack(connection, 1)).rejects.toThrow('only the Pulse that made')
  await migrateRegisterBack(connection, newest, [...registerMigrations, next])
  expect(await registerVersions(connection)).toEqual({ current: newest, known: newest })
})

test('where there is no way back nothing is changed', async () => {
  await migrateRegister(connection)
  await expect(migrateRegisterBack(connection, 0)).rejects.toThrow('no way back before version 1')
  expect(await versions()).toEqual(registerMigrations.map(({ version }) => version))
})
