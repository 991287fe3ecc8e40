import { type KubeObject, type Log, StatusError } from '@pulse/api'
import { createTestDatabase, startTestPostgres, type TestDatabase } from '@pulse/testing'
import fc from 'fast-check'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Objects } from '../../objects.ts'
import {
  manager,
  note,
  notes,
  refusalOf,
  takeEvents,
  told,
  widget,
  widgetRef,
  widgets,
} from '../conformance/harness.ts'
import { testKinds } from '../conformance/kinds.ts'
import { matches, parseSelector } from '../selectors.ts'
import { migrations } from './migrations.ts'
import { createPostgresObjects, type PostgresOptions } from './postgres.ts'

const lines: object[] = []
const log: Log = {
  debug: () => undefined,
  info: (facts, message) => lines.push({ ...facts, message }),
  warn: (facts, message) => lines.push({ ...facts, message }),
  error: (facts, message) => lines.push({ ...facts, message }),
  child: () => log,
}

let database: TestDatabase
let opened: Objects[]
let stop: AbortController

beforeEach(async () => {
  database = await createTestDatabase()
  opened = []
  stop = new AbortController()
  lines.length = 0
})
afterEach(async () => {
  stop.abort()
  await Promise.all(opened.map((objects) => objects.close()))
  await database.drop()
})

async function open(options: Partial<PostgresOptions> = {}): Promise<Objects> {
  const { connection } = database
  const objects = await createPostgresObjects({ connection, kinds: testKinds, log, ...options })
  opened.push(objects)
  return objects
}

async function asAdministrator(statement: string, values: unknown[] = []) {
  const client = new pg.Client(database.connection)
  await client.connect()
  try {
    return await client.query(statement, values)
  } finally {
    await client.end()
  }
}

const breakAllSessions = () =>
  asAdministrator(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  )

test('processes that start together on an empty database make one store', async () => {
  const stores = await Promise.all([open(), open(), open(), open()])
  await Promise.all(stores.map((store, index) => store.create(note(`n${index}`), manager)))
  const { rows } = await asAdministrator('SELECT version FROM schema_version')
  expect(rows).toEqual(migrations.map(({ version }) => ({ version })))
})

test('an older Pulse refuses a newer database', async () => {
  await open()
  await asAdministrator('INSERT INTO schema_version (version) VALUES (999)')
  await expect(open()).rejects.toThrow(/schema version 999/)
})

test('objects and versions outlive the process', async () => {
  const first = await open()
  const created = await first.create(widget('a', { color: 'red' }), manager)
  await first.close()
  opened.pop()
  const second = await open()
  expect(await second.get(widgetRef('a'))).toEqual(created)
  const next = await second.create(widget('b'), manager)
  expect(Number(next.metadata.resourceVersion)).toBe(2)
})

test('each write sees what the one before has committed, in whichever process: nothing is lost', async () => {
  const stores = [await open(), await open()]
  await stores[0]?.create(widget('a'), manager)
  const labels = Array.from({ length: 20 }, (_, index) => `l${index}`)
  const patches = stores.flatMap((store, process) =>
    labels.map((label) => {
      const patch = { metadata: { labels: { [`${label}-${process}`]: 'yes' } } }
      return store.patch(widgetRef('a'), { type: 'merge', patch }, manager)
    }),
  )
  await Promise.all(patches)
  const found = await stores[0]?.get(widgetRef('a'))
  expect(Object.keys(found?.metadata.labels ?? {})).toHaveLength(40)
})

test('whatever stands in a name, SQL takes it for a name', async () => {
  const objects = await open()
  const names = ['$1', "'; DROP TABLE object; --", "it's", "it\\'s"]
  for (const name of names) {
    const { metadata } = await objects.apply(note(name), manager)
    const again = await objects.apply(note(name, { text: 'new' }), manager)
    expect(again.metadata.uid).toBe(metadata.uid)
  }
  const { items } = await objects.list(notes)
  expect(items.map(({ metadata }) => metadata.name).toSorted()).toEqual(names)
})

test('watches that lose their session miss nothing', async () => {
  const objects = await open()
  const peer = await open()
  const events = objects.watch({ ...notes, signal: stop.signal })[Symbol.asyncIterator]()
  for (let round = 0; round < 3; round++) {
    await peer.create(note(`a${round}`), manager)
    await breakAllSessions()
    for (let left = 5; left > 0; left--) {
      await untilAnswered(() => peer.create(note(`b${round}-${left}`), manager))
    }
  }
  const seen = await takeEvents(events, 18)
  const versions = seen.map(({ object }) => Number(object.metadata.resourceVersion))
  expect(versions).toEqual(Array.from({ length: 18 }, (_, index) => index + 1))
})

test('a watch whose log was trimmed while the session was lost ends with 410', async () => {
  const objects = await open()
  const events = objects.watch({ ...notes, signal: stop.signal })[Symbol.asyncIterator]()
  await objects.create(note('a'), manager)
  await takeEvents(events, 1)
  await asAdministrator('UPDATE clock SET value = 1000, forgotten = 900')
  await breakAllSessions()
  expect(await refusalOf(takeEvents(events, 1))).toMatchObject({ reason: 'Expired' })
})

test('while the database is away every call is refused as retryable, soon, without a secret', async () => {
  await using server = await startTestPostgres()
  const away = await createTestDatabase(server)
  const objects = await open({ connection: { connectionString: away.url } })
  await objects.create(note('a', { text: 'hidden-value' }), manager)
  await server.stop()
  const calls = [
    objects.get({ ...notes, name: 'a' }),
    objects.list(notes),
    objects.create(note('b', { text: 'hidden-value' }), manager),
    objects.delete({ ...notes, name: 'a' }),
  ]
  for (const refusal of await Promise.all(calls.map(refusalOf))) {
    expect(refusal).toMatchObject({ reason: 'ServiceUnavailable', code: 503 })
    const told = [refusal.message, refusal.details, String(refusal.cause), refusal.stack, lines]
    expect(JSON.stringify(told)).not.toContain(server.password)
    expect(JSON.stringify(told)).not.toContain('hidden-value')
  }
})

test('a process that hangs in the middle of a write does not hold up the others for ever', async () => {
  const objects = await open()
  const hung = new pg.Client(database.connection)
  hung.on('error', () => undefined)
  await hung.connect()
  await hung.query("SET idle_in_transaction_session_timeout = '300ms'")
  await hung.query('BEGIN')
  await hung.query('SELECT value FROM clock FOR UPDATE')
  await objects.create(note('a'), manager)
  await hung.end().catch(() => undefined)
})

test('a write whose session breaks leaves nothing, or everything', async () => {
  const objects = await open()
  const attempts = await Promise.allSettled([
    ...Array.from({ length: 30 }, (_, index) =>
      objects.create(widget(`w${index}`, { host: `h${index}` }), manager),
    ),
    breakAllSessions(),
  ])
  for (const attempt of attempts) {
    if (attempt.status === 'rejected') expect(attempt.reason).toBeInstanceOf(StatusError)
  }
  const { items } = await untilAnswered(() => objects.list(widgets))
  const { rows } = await asAdministrator(
    `SELECT (SELECT count(*)::int FROM object) AS objects, (SELECT count(*)::int FROM change) AS changes,
            (SELECT count(*)::int FROM unique_name) AS names, (SELECT value::int FROM clock) AS clock`,
  )
  const count = items.length
  expect(rows).toEqual([{ objects: count, changes: count, names: count, clock: count }])
})

test('the log forgets by age what a deleted object held', async () => {
  const objects = await open({ keptChanges: 10, keptSeconds: 3600 })
  await objects.create(note('secret', { text: 'old-password' }), manager)
  await objects.delete({ ...notes, name: 'secret' })
  await asAdministrator("UPDATE change SET written_at = now() - interval '2 hours'")
  for (let index = 0; index < 8; index++) await objects.create(note(`n${index}`), manager)
  const { rows } = await asAdministrator(
    "SELECT 1 FROM change WHERE previous::text LIKE '%old-pass%'",
  )
  expect(rows).toEqual([])
})

test('SQL selects what the selectors mean', async () => {
  const objects = await open()
  const label = fc.dictionary(fc.constantFrom('app', 'tier', 'x/y'), fc.constantFrom('', 'a', 'b'))
  const made: KubeObject[] = []
  for (const [index, labels] of fc.sample(label, 25).entries()) {
    const color = ['red', "b'lue", 'a,b'][index % 3]
    made.push(
      await objects.create(widget(`w${index}`, { color }, { labels: { ...labels } }), manager),
    )
  }
  const part = fc
    .tuple(fc.constantFrom('app', 'tier', 'x/y'), fc.constantFrom('', 'a', 'b'))
    .chain(([k, v]) =>
      fc.constantFrom(
        `${k}=${v}`,
        `${k}!=${v}`,
        k,
        `!${k}`,
        `${k} in (a,${v})`,
        `${k} notin (${v},b)`,
      ),
    )
  const field = fc.constantFrom(
    '',
    'spec.color=red',
    "spec.color!=b'lue",
    'metadata.name=w3',
    'spec.color=a\\,b',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 3 }), field, async (parts, fieldSelector) => {
      const query = { labelSelector: parts.join(','), fieldSelector }
      const selector = parseSelector(testKinds('test.pulse/v1', 'Widget'), query)
      const { items } = await objects.list({ ...widgets, ...query })
      const expected = made.filter((object) => matches(selector, object))
      expect(new Set(items.map(({ metadata }) => metadata.uid))).toEqual(
        new Set(expected.map(({ metadata }) => metadata.uid)),
      )
    }),
    { numRuns: 60 },
  )
})

test('a watch far behind reads the log in pieces and misses nothing', async () => {
  const objects = await open()
  for (let index = 0; index < 450; index++) {
    await objects.create(index % 3 === 0 ? widget(`w${index}`) : note(`n${index}`), manager)
  }
  const events = objects.watch({ ...notes, resourceVersion: '0', signal: stop.signal })
  const seen = await takeEvents(events[Symbol.asyncIterator](), 300)
  const expected = Array.from({ length: 450 }, (_, index) => index).filter(
    (index) => index % 3 !== 0,
  )
  expect(told(seen)).toEqual(expected.map((index) => `ADDED n${index}`))
})

async function untilAnswered<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof StatusError) || error.reason !== 'ServiceUnavailable') throw error
    }
  }
}
