import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { expect, test } from 'vitest'
import { createTestDatabase, startTestPostgres } from './postgres.ts'

test('every test has a database of its own, by socket and by TCP with a password', async () => {
  await using one = await createTestDatabase()
  await using other = await createTestDatabase()
  expect(await currentDatabase(one.connection)).toBe(one.name)
  expect(await currentDatabase({ connectionString: other.url })).toBe(other.name)
  const wrong = other.url.replace(/:[^:@/]+@/, ':wrong@')
  await expect(currentDatabase({ connectionString: wrong })).rejects.toThrow(/password/)
})

test('a dropped database is gone even while somebody is connected', async () => {
  const database = await createTestDatabase()
  const client = new pg.Client(database.connection)
  client.on('error', () => undefined)
  await client.connect()
  await database.drop()
  await expect(currentDatabase(database.connection)).rejects.toThrow(/does not exist/)
})

test('a stopped server leaves nothing behind', async () => {
  const server = await startTestPostgres()
  expect(existsSync(server.socketFolder)).toBe(true)
  await server.stop()
  expect(existsSync(server.socketFolder)).toBe(false)
})

test('a server ends with the process that started it, even by SIGKILL', async () => {
  const child = spawn(process.execPath, [
    '--input-type=module',
    '--eval',
    `const { startTestPostgres } = await import(${JSON.stringify(import.meta.resolve('./postgres.ts'))})
     console.log((await startTestPostgres()).socketFolder)
     setInterval(() => undefined, 1000)`,
  ])
  const [chunk]: Buffer[] = await child.stdout.take(1).toArray()
  const folder = String(chunk).trim()
  expect(existsSync(folder)).toBe(true)
  child.kill('SIGKILL')
  while (existsSync(folder)) await delay(20)
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'args'])
  expect(stdout).not.toContain(folder)
})

async function currentDatabase(connection: pg.ClientConfig): Promise<string> {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    const { rows } = await client.query('SELECT current_database() AS name')
    return rows[0].name
  } finally {
    await client.end()
  }
}
