import type { Log } from '@pulse/api'
import { createTestDatabase, type TestDatabase } from '@pulse/testing'
import pg from 'pg'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { Store } from '../../objects.ts'
import { manager, note, notes, refusalOf, takeEvents, told } from '../conformance/harness.ts'
import { testKinds } from '../conformance/kinds.ts'
import { createPostgresObjects } from './postgres.ts'

const errors: string[] = []
const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (facts) => errors.push(JSON.stringify(facts)),
  child: () => log,
}

let database: TestDatabase
let objects: Store

beforeEach(async () => {
  errors.length = 0
  database = await createTestDatabase()
  const { connection } = database
  objects = await createPostgresObjects({ connection, kinds: testKinds, log })
  for (const name of ['a', 'b', 'c']) await objects.create(note(name), manager)
})
afterEach(async () => {
  await objects.close()
  await database.drop()
})

/** Past the store, as a hand or a failing disk does it. */
async function write(statement: string) {
  const client = new pg.Client(database.connection)
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

const damages = [
  ['holds no object', `'7'`],
  ['holds no object', `'{}'`],
  ['holds no object', `json_build_object('kind', 'Note', 'metadata', 'lost')`],
  ['holds another object', `(SELECT object FROM object WHERE name = 'a')`],
  ['metadata.uid', `(object::jsonb #- '{metadata,uid}')::json`],
  ['metadata.labels', `jsonb_set(object::jsonb, '{metadata,labels}', '{"app": 7}')::json`],
  ['metadata.finalizers', `jsonb_set(object::jsonb, '{metadata,finalizers}', '"x"')::json`],
] as const

test.each(damages)(
  'a row that %s (%s) is told by its name, and the others are read',
  async (flaw, value) => {
    await write(`UPDATE object SET object = ${value} WHERE name = 'b'`)
    const { items } = await objects.list(notes)
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['a', 'c'])
    const words = expect.stringMatching(new RegExp(`the row of Note b in the store .*${flaw}`))
    expect(objects.unreadable()).toEqual([words])
    for (let reads = 0; reads < 3; reads += 1) {
      expect(await refusalOf(objects.get({ ...notes, name: 'b' }))).toMatchObject({
        reason: 'InternalError',
        message: words,
      })
    }
    expect(errors).toHaveLength(1)
  },
)

test('what the log still tells of the time when it was whole does not say that it is', async () => {
  const halt = new AbortController()
  onTestFinished(() => halt.abort())
  const { signal } = halt
  const { connection } = database
  const late = await createPostgresObjects({ connection, kinds: testKinds, log })
  onTestFinished(() => late.close())
  await write(`UPDATE object SET object = '{}' WHERE name = 'b'`)
  await refusalOf(late.get({ ...notes, name: 'b' }))
  const watch = late.watch({ ...notes, resourceVersion: '0', signal })
  await takeEvents(watch[Symbol.asyncIterator](), 3)
  expect(late.unreadable()).toHaveLength(1)
  await refusalOf(late.get({ ...notes, name: 'b' }))
  expect(errors).toHaveLength(1)
})

test('it is not written over, and whoever must know all is told that there is one', async () => {
  await write(`UPDATE object SET object = '{}' WHERE name = 'b'`)
  const calls = [
    objects.apply(note('b', { text: 'new' }), manager),
    objects.delete({ ...notes, name: 'b' }),
    objects.list({ ...notes, isWhole: true }),
  ]
  for (const refusal of await Promise.all(calls.map(refusalOf))) {
    expect(refusal.message).toContain('the row of Note b in the store')
  }
  await objects.apply(note('c', { text: 'new' }), manager)
})

test('pages go on behind it, and it is no longer told of when it is mended', async () => {
  await write(`CREATE TABLE kept AS SELECT object FROM object WHERE name = 'b'`)
  await write(`UPDATE object SET object = '{}' WHERE name = 'b'`)
  const names: string[] = []
  for (let token: string | undefined, isMore = true; isMore; isMore = token !== undefined) {
    const page = await objects.list({ ...notes, limit: 1, ...(token && { continue: token }) })
    names.push(...page.items.map(({ metadata }) => metadata.name))
    token = page.continue
  }
  expect(names).toEqual(['a', 'c'])
  await write(`UPDATE object SET object = (SELECT object FROM kept) WHERE name = 'b'`)
  expect(await objects.get({ ...notes, name: 'b' })).toBeDefined()
  expect(objects.unreadable()).toEqual([])
})

test('of a change that cannot be read watches are told that they have missed something, and begin anew', async () => {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  await write(`UPDATE change SET object = '{}' WHERE name = 'b'`)
  const behind = objects.watch({ ...notes, resourceVersion: '0', signal: stop.signal })
  expect(await refusalOf(takeEvents(behind[Symbol.asyncIterator](), 3))).toMatchObject({
    reason: 'Expired',
  })
  const { resourceVersion } = await objects.list(notes)
  const anew = objects.watch({ ...notes, resourceVersion, signal: stop.signal })
  await objects.create(note('d'), manager)
  expect(told(await takeEvents(anew[Symbol.asyncIterator](), 1))).toEqual(['ADDED d'])
})
