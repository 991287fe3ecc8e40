import { randomUUID } from 'node:crypto'
import { apiVersionOf, type KindRegistry } from '@pulse/api'
import { afterEach, describe, expect, test } from 'vitest'
import { tokenAuthentication } from '../face/authentication.ts'
import { createFace } from '../face/face.ts'
import { describeApplies } from '../store/conformance/applies.suite.ts'
import { describeDeletions } from '../store/conformance/deletions.suite.ts'
import {
  type HarnessOptions,
  manager,
  note,
  notes,
  refusalOf,
  takeEvents,
  told,
  widget,
  widgets,
} from '../store/conformance/harness.ts'
import { testDefinitions, testKinds } from '../store/conformance/kinds.ts'
import { describeLists } from '../store/conformance/lists.suite.ts'
import { describeWrites } from '../store/conformance/writes.suite.ts'
import { createMemoryObjects } from '../store/memory.ts'
import { createObjectsClient } from './objects-client.ts'

const registry: KindRegistry = {
  kinds: testDefinitions,
  findKind: testKinds,
  findResource: (group, version, plural) =>
    testDefinitions.find(
      (kind) => apiVersionOf(kind) === apiVersionOf({ group, version }) && kind.plural === plural,
    ),
}

const quiet = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => quiet,
}

/** The memory store behind the face, reached by the client: what the store promises must survive the wire. */
async function overTheWire({ now = () => new Date(), ...options }: HarnessOptions = {}) {
  const store = createMemoryObjects({ kinds: testKinds, now, newUid: randomUUID, ...options })
  const face = createFace({
    objects: store,
    kinds: registry,
    authenticate: tokenAuthentication([{ token: 'right', user: { name: 'admin' } }]),
    openLog: async () => (async function* () {})(),
    version: '0.0.0',
    log: quiet,
    now,
  })
  const { port } = await face.listen({ host: '127.0.0.1', port: 0 })
  const server = `http://127.0.0.1:${port}`
  const connect = (token = 'right') => createObjectsClient({ server, token, kinds: testKinds })
  const objects = connect()
  return {
    objects,
    peer: connect(),
    connect,
    face,
    async close() {
      await objects.close()
      await face.close()
      await store.close()
    },
  }
}

describe('objects over the wire', () => {
  describeWrites(overTheWire)
  describeLists(overTheWire)
  describeApplies(overTheWire)
  describeDeletions(overTheWire)
})

describe('watches over the wire', () => {
  let world: Awaited<ReturnType<typeof overTheWire>>
  const stop = new AbortController()
  afterEach(() => world.close())

  test('tell every change after the version of a list, in order', async () => {
    world = await overTheWire()
    await world.objects.create(note('before'), manager)
    const { resourceVersion } = await world.objects.list(widgets)
    const events = world.objects
      .watch({ ...notes, resourceVersion, signal: stop.signal })
      [Symbol.asyncIterator]()
    await world.objects.create(note('a'), manager)
    await world.peer.update(note('a', { text: 'x' }), manager)
    await world.objects.delete({ ...notes, name: 'a' })
    expect(told(await takeEvents(events, 3))).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a'])
  })

  test('a forgotten version is a 410, as an error of the watch', async () => {
    world = await overTheWire({ keptChanges: 5 })
    for (let count = 0; count < 30; count++) {
      await world.objects.apply(note('a', { count }), manager)
    }
    const events = world.objects
      .watch({ ...notes, resourceVersion: '1', signal: stop.signal })
      [Symbol.asyncIterator]()
    expect(await refusalOf(takeEvents(events, 1))).toMatchObject({ reason: 'Expired', code: 410 })
  })

  test('end with their signal, without an error', async () => {
    world = await overTheWire()
    const leaving = new AbortController()
    const events = world.objects
      .watch({ ...notes, resourceVersion: '0', signal: leaving.signal })
      [Symbol.asyncIterator]()
    await world.objects.create(note('a'), manager)
    await takeEvents(events, 1)
    leaving.abort()
    expect(await events.next()).toEqual({ done: true, value: undefined })
  })
})

describe('refusals over the wire', () => {
  let world: Awaited<ReturnType<typeof overTheWire>>
  afterEach(() => world.close())

  test('a wrong token is refused, whatever is asked', async () => {
    world = await overTheWire()
    const stranger = world.connect('wrong')
    expect(await refusalOf(stranger.list(notes))).toMatchObject({ reason: 'Unauthorized' })
    await stranger.close()
  })

  test('every mistake comes with its field', async () => {
    world = await overTheWire()
    const { code, details } = await refusalOf(
      world.objects.create(widget('a', { size: 'big', color: 'ugly' }), manager),
    )
    expect(code).toBe(422)
    expect(details.causes?.map(({ field }) => field)).toEqual(['spec.size', 'spec.color'])
  })

  test('a server that is not there is said to be so', async () => {
    world = await overTheWire()
    await world.face.close()
    expect(await refusalOf(world.objects.list(notes))).toMatchObject({
      reason: 'ServiceUnavailable',
      message: expect.stringContaining('cannot reach the API'),
    })
    world = await overTheWire()
  })
})
