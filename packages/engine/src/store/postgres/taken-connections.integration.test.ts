import { createTestDatabase, startTestPostgres } from '@pulse/testing'
import pg from 'pg'
import { expect, test } from 'vitest'
import { silent } from '../../silent-log.suite.ts'
import { manager, note, notes } from '../conformance/harness.ts'
import { testKinds } from '../conformance/kinds.ts'
import { createPostgresObjects } from './postgres.ts'

test('while others hold all other connections of the server, the store goes on with its own, however many ask at once', async () => {
  await using server = await startTestPostgres()
  const { connection } = await createTestDatabase(server)
  const objects = await createPostgresObjects({ connection, kinds: testKinds, log: silent })
  const others: pg.Client[] = []
  const connect = async () => {
    const client = new pg.Client(connection)
    client.on('error', () => undefined)
    await client.connect()
    others.push(client)
    return client
  }
  const watcher = await connect()
  const own = async () => {
    const { rows } = await watcher.query(
      `SELECT 1 FROM pg_stat_activity WHERE application_name = 'pulse'`,
    )
    return rows.length
  }
  // And the one that listens.
  await expect.poll(own, { timeout: 10_000 }).toBeGreaterThan(4)
  await expect(async () => {
    for (;;) await connect()
  }).rejects.toThrow('too many clients')

  const names = Array.from({ length: 20 }, (_, index) => `n${index}`)
  const calls = names.map(async (name) => {
    await objects.create(note(name), manager)
    return await objects.get({ ...notes, name })
  })
  const found = await Promise.all(calls)
  expect(found.map((object) => object?.metadata.name)).toEqual(names)

  await Promise.all(others.map((client) => client.end()))
  await objects.close()
})
