import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createAsk } from './ask.suite.ts'
import { configMap, manager, type RunningFace, startFace, testToken } from './harness.suite.ts'

let face: RunningFace
afterEach(() => face.close())

const { open } = createAsk(() => face.url)

const configMaps = '/api/v1/namespaces/default/configmaps'
const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io'

describe('watches', () => {
  test('a streaming list gives what is there, says so, and goes on', async () => {
    face = await startFace()
    await face.objects.create(configMap('there'), manager)
    const query =
      'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
    const watch = await open(`${configMaps}?${query}`)
    expect(await watch.next()).toMatchObject({
      type: 'ADDED',
      object: { metadata: { name: 'there' } },
    })
    expect(await watch.next()).toMatchObject({
      type: 'BOOKMARK',
      object: {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: {
          resourceVersion: '2',
          annotations: { 'k8s.io/initial-events-end': 'true' },
        },
      },
    })
    await face.objects.create(configMap('new'), manager)
    expect(await watch.next()).toMatchObject({
      type: 'ADDED',
      object: { metadata: { name: 'new' } },
    })
    watch.leave()
  })

  test('a table watch names its columns once', async () => {
    face = await startFace()
    await face.objects.create(configMap('a'), manager)
    const watch = await open(`${configMaps}?watch=true`, tableType)
    const first = await watch.next()
    expect(first.object).toMatchObject({
      kind: 'Table',
      rows: [{ cells: ['a', 0, expect.any(String)] }],
    })
    expect(first.object.columnDefinitions).not.toEqual([])
    await face.objects.update(configMap('a', { b: 'c' }), manager)
    const second = await watch.next()
    expect(second).toMatchObject({ type: 'MODIFIED', object: { columnDefinitions: [] } })
    watch.leave()
  })

  test('a version that is forgotten is an ERROR event with 410', async () => {
    face = await startFace()
    const watch = await open(`${configMaps}?watch=true&resourceVersion=999999`)
    expect(await watch.next()).toMatchObject({
      type: 'ERROR',
      object: { kind: 'Status', code: 410, reason: 'Expired' },
    })
    expect(await watch.next()).toBeUndefined()
  })

  test('ends in its time, and one object is watched by its path', async () => {
    face = await startFace()
    await face.objects.create(configMap('a'), manager)
    await face.objects.create(configMap('b'), manager)
    const watch = await open(`${configMaps}/b?watch=true&timeoutSeconds=1`)
    expect(await watch.next()).toMatchObject({ object: { metadata: { name: 'b' } } })
    expect(await watch.next()).toBeUndefined()
  })

  test('a client that leaves ends the watch of the store', async () => {
    const ended = Promise.withResolvers<void>()
    face = await startFace({
      wrap: (objects) => ({
        ...objects,
        watch(query) {
          query.signal.addEventListener('abort', () => ended.resolve())
          return objects.watch(query)
        },
      }),
    })
    const watch = await open(`${configMaps}?watch=true&resourceVersion=1`)
    watch.leave()
    await ended.promise
  })

  test('a client that does not read is not written to without end', async () => {
    let taken = 0
    const event = { type: 'ADDED' as const, object: configMap('large', { a: 'x'.repeat(100_000) }) }
    const stalled = Promise.withResolvers<void>()
    let quiet: NodeJS.Timeout | undefined
    face = await startFace({
      wrap: (objects) => ({
        ...objects,
        async *watch({ signal }) {
          while (!signal.aborted && taken < 10_000) {
            taken++
            clearTimeout(quiet)
            quiet = setTimeout(() => stalled.resolve(), 300)
            yield event
          }
        },
      }),
    })
    const { port } = new URL(face.url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(
      `GET ${configMaps}?watch=true&resourceVersion=1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${testToken}\r\n\r\n`,
    )
    socket.once('readable', () => {})
    await stalled.promise
    // What the kernel's buffers and one stream's mark hold, far from the gigabyte that is offered.
    expect(taken).toBeGreaterThan(0)
    expect(taken).toBeLessThan(1000)
    socket.destroy()
    await once(socket, 'close')
  })
})
