import { StatusError } from '@pulse/api'
import {
  createTestDatabase,
  startTcpProxy,
  type TcpProxy,
  type TestDatabase,
  testPostgres,
} from '@pulse/testing'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { Objects } from '../../objects.ts'
import { silent } from '../../silent-log.suite.ts'
import { manager, note, notes, refusalOf, takeEvents } from '../conformance/harness.ts'
import { testKinds } from '../conformance/kinds.ts'
import { createPostgresObjects } from './postgres.ts'

let database: TestDatabase
let proxy: TcpProxy

beforeEach(async () => {
  database = await createTestDatabase()
  proxy = await startTcpProxy(testPostgres())
})
afterEach(async () => {
  await proxy[Symbol.asyncDispose]()
  await database.drop()
})

async function open(): Promise<{ readonly objects: Objects; readonly close: () => Promise<void> }> {
  const { user, password } = testPostgres()
  const objects = await createPostgresObjects({
    connection: { host: '127.0.0.1', port: proxy.port, user, password, database: database.name },
    kinds: testKinds,
    log: silent,
  })
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= objects.close()
    return closing
  }
  onTestFinished(close)
  return { objects, close }
}

test('of a server that has fallen silent every call is given up, and the store closes all the same', async () => {
  const { objects, close } = await open()
  await objects.create(note('a'), manager)
  proxy.behave({ isSilent: true })
  // More than there are sessions.
  const calls = Array.from({ length: 15 }, (_, index) => [
    objects.get({ ...notes, name: 'a' }),
    objects.create(note(`b${index}`), manager),
  ])
  for (const refusal of await Promise.all([...calls.flat(), objects.list(notes)].map(refusalOf))) {
    expect(refusal).toMatchObject({ reason: 'ServiceUnavailable' })
  }
  await close()
})

test('what was refused on a line that is cut is written once when it is tried again, also where only the answer was lost, and watches miss nothing', async () => {
  const { objects } = await open()
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const events = objects.watch({ ...notes, resourceVersion: '0', signal: stop.signal })
  const names = Array.from({ length: 40 }, (_, index) => `n${index}`)
  let alreadyThere = 0
  for (const [index, name] of names.entries()) {
    if (index % 4 === 0) proxy.cutAfter('COMMIT')
    if (index % 5 === 1) proxy.cut()
    for (let outcome = 'ServiceUnavailable'; outcome === 'ServiceUnavailable'; ) {
      outcome = await outcomeOf(objects.create(note(name), manager))
      if (outcome === 'AlreadyExists') alreadyThere += 1
    }
  }
  expect(alreadyThere).toBe(10)
  const seen = await takeEvents(events[Symbol.asyncIterator](), names.length)
  expect(seen.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual(
    names.map((name) => `ADDED ${name}`),
  )
})

/** `done`, or the reason of the refusal. */
async function outcomeOf(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => 'done',
    (error: unknown) => {
      if (error instanceof StatusError) return error.reason
      throw error
    },
  )
}
