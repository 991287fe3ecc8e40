import { testPostgres } from '@pulse/testing'
import pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { silent } from '../bench.suite.ts'
import { listenForCronTriggers } from './notifications.ts'

const patience = { timeout: 20_000 }
const place = () => {
  const { socketFolder: host, port, user } = testPostgres()
  return { host, port, user, database: 'postgres' }
}

async function ask(text: string, values: readonly unknown[] = []) {
  const client = new pg.Client(place())
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text, [...values])).rows
  } finally {
    await client.end()
  }
}

const stop = new AbortController()
afterEach(() => stop.abort())

test('a notification names its database; a lost connection comes back and says so', async () => {
  const named: string[] = []
  let times = 0
  const ended = listenForCronTriggers({
    admin: place(),
    onDatabase: (database) => named.push(database),
    onListening: () => {
      times += 1
    },
    log: silent,
    signal: stop.signal,
  })
  await expect.poll(() => times, patience).toBe(1)
  await ask(`SELECT pg_notify('cron_trigger', 'acme.localhost')`)
  await expect.poll(() => named, patience).toEqual(['acme.localhost'])

  await ask(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pulse-schedules'`,
  )
  await expect.poll(() => times, patience).toBe(2)
  for (const payload of ['', 'x'.repeat(64), 'other.localhost']) {
    await ask(`SELECT pg_notify('cron_trigger', $1)`, [payload])
  }
  await expect.poll(() => named, patience).toEqual(['acme.localhost', 'other.localhost'])
  stop.abort()
  await ended
})
