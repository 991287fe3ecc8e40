import { once } from 'node:events'
import { connect } from 'node:net'
import type { KubeObject } from '@pulse/api'
import { afterEach, describe, expect, test } from 'vitest'
import {
  client,
  configMap,
  createWithStatus,
  logLines,
  manager,
  pod,
  type RunningFace,
  startFace,
  testToken,
} from './harness.suite.ts'

let face: RunningFace
afterEach(() => face.close())

const clients = '/apis/planapulse.com/v1alpha1/planaclients'
const configMaps = '/api/v1/namespaces/default/configmaps'
const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io'

interface Ask extends RequestInit {
  readonly accept?: string
  readonly type?: string
  readonly send?: unknown
  readonly token?: string
}

async function ask(path: string, { accept, type, send, token = testToken, ...init }: Ask = {}) {
  const body = typeof send === 'string' || send === undefined ? send : JSON.stringify(send)
  const response = await fetch(`${face.url}${path}`, {
    redirect: 'manual',
    ...init,
    ...(body !== undefined && { body }),
    headers: {
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(accept && { Accept: accept }),
      ...(body !== undefined && { 'Content-Type': type ?? 'application/json' }),
    },
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  return {
    code: response.status,
    headers: response.headers,
    text,
    json: isJson && text ? JSON.parse(text) : {},
  }
}

const post = (path: string, send: unknown, more: Ask = {}) =>
  ask(path, { method: 'POST', send, ...more })

describe('who may ask', () => {
  test.each(['', 'wrong'])('the token %j is a 401 that tells nothing', async (token) => {
    face = await startFace()
    for (const path of ['/api', clients, '/nothing', '/openapi/v3']) {
      const { code, json, headers } = await ask(path, { token })
      expect(code).toBe(401)
      expect(headers.get('www-authenticate')).toBe('Bearer')
      expect(json).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'Unauthorized',
        reason: 'Unauthorized',
        code: 401,
      })
    }
  })

  test('health is open to all, and readiness asks the store', async () => {
    face = await startFace()
    for (const path of ['/healthz', '/livez', '/readyz']) {
      expect(await ask(path, { token: '' })).toMatchObject({ code: 200, text: 'ok' })
    }
    const whole = face
    face = await startFace({ wrap: (objects) => ({ ...objects, list: async () => explode() }) })
    expect((await ask('/readyz', { token: '' })).code).toBe(500)
    await whole.close()
  })
})

describe('documents', () => {
  test('aggregated discovery names kinds, verbs and subresources, and is sent once', async () => {
    face = await startFace()
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const { headers, json } = await ask('/apis', { accept })
    expect(headers.get('content-type')).toBe(accept)
    const group = json.items.find((item: KubeObject) => item.metadata.name === 'planapulse.com')
    expect(group.versions[0].resources).toContainEqual(
      expect.objectContaining({
        resource: 'planaclients',
        responseKind: { group: 'planapulse.com', version: 'v1alpha1', kind: 'PLANAClient' },
        scope: 'Cluster',
        verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
        subresources: [expect.objectContaining({ subresource: 'status' })],
      }),
    )
    const again = await fetch(`${face.url}/apis`, {
      headers: {
        Authorization: `Bearer ${testToken}`,
        Accept: accept,
        'If-None-Match': headers.get('etag') ?? '',
      },
    })
    expect(again.status).toBe(304)
  })

  test('the older discovery documents say the same', async () => {
    face = await startFace()
    expect((await ask('/api')).json).toMatchObject({ kind: 'APIVersions', versions: ['v1'] })
    expect((await ask('/apis')).json.groups).toContainEqual(
      expect.objectContaining({ name: 'planapulse.com' }),
    )
    expect((await ask('/apis/apps')).json).toMatchObject({ kind: 'APIGroup', name: 'apps' })
    expect((await ask('/apis/apps/v1')).json.resources).toContainEqual(
      expect.objectContaining({ name: 'deployments/scale', kind: 'Scale', group: 'autoscaling' }),
    )
    expect((await ask('/apis/none/v1')).code).toBe(404)
  })

  test('a stale hash of an OpenAPI document leads to the present one', async () => {
    face = await startFace()
    const { json } = await ask('/openapi/v3')
    const address = json.paths['apis/planapulse.com/v1alpha1'].serverRelativeURL
    expect((await ask(address)).json).toMatchObject({ openapi: '3.0.0' })
    const stale = await ask(`${address.split('?')[0]}?hash=OLD`)
    expect(stale.code).toBe(301)
    expect(stale.headers.get('location')).toBe(address)
  })
})

describe('what cannot be answered', () => {
  test.each([
    ['GET', '/api/v1/nothings', 404],
    ['GET', '/api/v1/namespaces/default/namespaces', 404],
    ['GET', `${clients}/a/scale`, 404],
    ['GET', `${configMaps}/a`, 404],
    ['PUT', clients, 405],
    ['POST', '/api/v1/configmaps', 405],
    ['DELETE', '/version', 405],
    ['POST', '/api/v1/namespaces/default/pods/a/log', 405],
    ['GET', `${clients}?limit=many`, 400],
    ['GET', `${clients}?labelSelector=a%20b`, 400],
    ['GET', `${clients}?resourceVersion=x`, 400],
    ['GET', `${clients}?resourceVersion=99999999999`, 504],
    ['GET', `${clients}?resourceVersion=1&resourceVersionMatch=Exact`, 410],
    ['GET', `${clients}?watch=true&sendInitialEvents=true`, 400],
  ])('%s %s is a %d, as a Status', async (method, path, code) => {
    face = await startFace()
    await face.objects.create(configMap('other'), manager)
    const answer = await ask(path, { method })
    expect(answer.json).toMatchObject({ kind: 'Status', status: 'Failure', code })
    expect(answer.code).toBe(code)
  })

  test('neither an unknown form nor an unknown body is guessed at', async () => {
    face = await startFace()
    expect((await ask(clients, { accept: 'text/html' })).json).toMatchObject({ code: 406 })
    const type = 'application/vnd.kubernetes.protobuf'
    expect((await post(clients, 'k8s', { type })).json).toMatchObject({ code: 415 })
    const strategic = 'application/strategic-merge-patch+json'
    const patch = await ask(`${clients}/a`, { method: 'PATCH', send: {}, type: strategic })
    expect(patch.json).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' })
  })

  test.each([
    ['{"a": 1,\n  "b" 2}', 'application/json', /JSON: line 2, column 7/],
    ['{"a": ', 'application/json', /JSON: line 1, column 7/],
    ['a: 1\nb: [1\n', 'application/yaml', /YAML: line \d, column \d/],
    ['a: 1\na: 2\n', 'application/yaml', /YAML: line 2, column 1/],
    ['', 'application/json', /empty/],
    ['[]', 'application/json', /not an object/],
    [`${'['.repeat(500)}${']'.repeat(500)}`, 'application/json', /nested deeper/],
    ['{"metadata": 5, "apiVersion": "v1", "kind": "ConfigMap"}', 'application/json', /metadata/],
    [
      '{"apiVersion": "v2", "kind": "ConfigMap"}',
      'application/json',
      /API version in the data \(v2\)/,
    ],
    ['{"apiVersion": "v1", "kind": "Secret"}', 'application/json', /kind in the data \(Secret\)/],
  ])('the body %j is a 400 that says what is wrong', async (send, type, message) => {
    face = await startFace()
    const { json } = await post(configMaps, send, { type })
    expect(json).toMatchObject({ code: 400, message: expect.stringMatching(message) })
  })

  test('an alias bomb is refused before it is unfolded', async () => {
    face = await startFace()
    const levels = Array.from({ length: 12 }, (_, index) =>
      index === 0
        ? 'a0: &a0 [x, x]'
        : `a${index}: &a${index} [${'*a'.concat(`${index - 1}, `).repeat(9)}]`,
    )
    const { json } = await post(configMaps, levels.join('\n'), { type: 'application/yaml' })
    expect(json.code).toBe(400)
  })

  test('a body over its bound is a 413, said or not', async () => {
    face = await startFace()
    const large = configMap('large', { a: 'x'.repeat(3 * 1024 * 1024) })
    expect((await post(configMaps, large)).json).toMatchObject({ code: 413 })
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from(JSON.stringify(large)))
        controller.close()
      },
    })
    const init = { method: 'POST', body: stream, duplex: 'half' as const }
    const headers = { Authorization: `Bearer ${testToken}` }
    const response = await fetch(`${face.url}${configMaps}`, { ...init, headers })
    expect(response.status).toBe(413)
  })

  test('an unexpected error is logged once and told nobody', async () => {
    face = await startFace({ wrap: (objects) => ({ ...objects, get: async () => explode() }) })
    const { code, text } = await ask(`${clients}/a`)
    expect(code).toBe(500)
    expect(text).not.toContain('secret')
    expect(face.errors).toHaveLength(1)
  })
})

describe('writes', () => {
  test('create is a 201, apply a 201 and then a 200, and the path is kept to', async () => {
    face = await startFace()
    expect((await post(configMaps, configMap('a'))).code).toBe(201)
    expect((await post(configMaps, configMap('a'))).json).toMatchObject({ reason: 'AlreadyExists' })
    const apply: Ask = { method: 'PATCH', type: 'application/apply-patch+yaml' }
    const path = `${configMaps}/b?fieldManager=test`
    const text = 'apiVersion: v1\nkind: ConfigMap\ndata: {a: "1"}\n'
    expect((await ask(path, { ...apply, send: text })).code).toBe(201)
    expect((await ask(path, { ...apply, send: text })).code).toBe(200)
    const nameless = await ask(`${configMaps}/b`, { ...apply, send: text })
    expect(nameless.json).toMatchObject({
      code: 422,
      message: expect.stringContaining('fieldManager'),
    })
    const elsewhere = { ...configMap('c'), metadata: { name: 'c', namespace: 'other' } }
    expect((await post(configMaps, elsewhere)).json).toMatchObject({ code: 400 })
    const renamed = await ask(`${configMaps}/a`, { method: 'PUT', send: configMap('z') })
    expect(renamed.json.message).toBe(
      'the name of the object (z) does not match the name on the URL (a)',
    )
  })

  test('a dry run answers as the write would and leaves nothing', async () => {
    face = await startFace()
    expect((await post(`${configMaps}?dryRun=All`, configMap('a'))).code).toBe(201)
    expect((await ask(`${configMaps}/a`)).code).toBe(404)
    expect((await post(`${configMaps}?dryRun=Some`, configMap('a'))).code).toBe(400)
  })

  test('unknown fields are refused, told or dropped, as asked', async () => {
    face = await startFace()
    const wrong = client('acme', { tire: 'x', sleep: { idleTimout: '1m' } })
    const strict = await post(`${clients}?fieldValidation=Strict`, wrong)
    expect(strict.json).toMatchObject({ code: 400, reason: 'BadRequest' })
    expect(strict.json.message).toContain('unknown field "spec.tire" (did you mean "spec.tier"?)')
    expect(strict.json.message).toContain('(did you mean "spec.sleep.idleTimeout"?)')
    const warned = await post(`${clients}?dryRun=All`, wrong)
    expect(warned.code).toBe(201)
    expect(warned.headers.get('warning')).toContain('299 - "unknown field \\"spec.tire\\"')
    expect(warned.json.spec).not.toHaveProperty('tire')
    const ignored = await post(`${clients}?fieldValidation=Ignore`, wrong)
    expect([ignored.code, ignored.headers.get('warning')]).toEqual([201, null])

    const path = `${clients}/acme?fieldValidation=Strict`
    const merge = { method: 'PATCH', type: 'application/merge-patch+json' }
    expect((await ask(path, { ...merge, send: { spec: { tire: 'x' } } })).code).toBe(400)
    expect((await ask(path, { ...merge, send: { spec: { tire: null } } })).code).toBe(200)
    const operations = [{ op: 'add', path: '/spec/tire', value: 'x' }]
    const json = { method: 'PATCH', type: 'application/json-patch+json', send: operations }
    expect((await ask(path, json)).json.message).toContain('unknown field "spec.tire"')
    expect((await ask(`${clients}/acme`, json)).code).toBeGreaterThanOrEqual(400)
  })

  test('thousands of unknown fields do not burst the answer', async () => {
    face = await startFace()
    const fields = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`f${index}`, 1]))
    const { code, headers } = await post(`${clients}?dryRun=All`, client('acme', fields))
    expect(code).toBe(201)
    expect(headers.get('warning')).toContain('4980 more unknown fields')
  })

  test('every mistake is a cause with its field', async () => {
    face = await startFace()
    const { json } = await post(clients, client('acme', { tier: 'gold', projectId: -1 }))
    expect(json).toMatchObject({ code: 422, reason: 'Invalid', details: { kind: 'PLANAClient' } })
    expect(json.details.causes.map(({ field }: { field: string }) => field).toSorted()).toEqual([
      'spec.projectId',
      'spec.tier',
    ])
  })

  test('the status and the scale are written apart from the rest', async () => {
    face = await startFace()
    await face.objects.create(client('acme'), manager)
    const merge = { method: 'PATCH', type: 'application/merge-patch+json' }
    const send = { status: { url: 'http://acme' }, spec: { tier: 'starter' } }
    const { json } = await ask(`${clients}/acme/status`, { ...merge, send })
    expect([json.status.url, json.spec.tier]).toEqual(['http://acme', 'pro'])
    const path = '/apis/apps/v1/namespaces/default/deployments'
    await post(path, deployment('web'))
    const scale = await ask(`${path}/web/scale`)
    expect(scale.json).toMatchObject({ kind: 'Scale', spec: { replicas: 1 } })
    const more = { ...scale.json, spec: { replicas: 4 } }
    expect((await ask(`${path}/web/scale`, { method: 'PUT', send: more })).code).toBe(200)
    expect((await ask(`${path}/web`)).json.spec.replicas).toBe(4)
    expect((await ask(`${path}/web/scale`, { method: 'PUT', send: more })).code).toBe(409)
  })

  test('delete keeps to its preconditions and says what is gone', async () => {
    face = await startFace()
    const { metadata } = await face.objects.create(configMap('a'), manager)
    const gone = (send: unknown) => ask(`${configMaps}/a`, { method: 'DELETE', send })
    expect((await gone({ preconditions: { uid: 'other' } })).code).toBe(409)
    expect((await gone({ kind: 'Pod' })).code).toBe(400)
    expect((await gone({ propagationPolicy: 'Sideways' })).code).toBe(400)
    expect((await gone({ dryRun: ['All'] })).code).toBe(200)
    expect((await gone({ kind: 'DeleteOptions', propagationPolicy: 'Background' })).json).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'a', kind: 'configmaps', uid: metadata.uid },
    })
    expect((await gone({})).code).toBe(404)
  })

  test('a whole collection is deleted by its selector, and only that', async () => {
    face = await startFace()
    await face.objects.create(configMap('keep'), manager)
    const marked = configMap('drop')
    const labels = { drop: 'yes' }
    await face.objects.create({ ...marked, metadata: { ...marked.metadata, labels } }, manager)
    const { json } = await ask(`${configMaps}?labelSelector=drop`, { method: 'DELETE' })
    expect(json.items).toHaveLength(1)
    expect((await ask(configMaps)).json.items).toMatchObject([{ metadata: { name: 'keep' } }])
  })
})

describe('lists', () => {
  test('come in pages, as tables, as metadata and as YAML', async () => {
    face = await startFace()
    for (const name of ['a', 'b', 'c']) await face.objects.create(configMap(name), manager)
    const { json } = await ask(`${configMaps}?limit=2`)
    expect(json).toMatchObject({ kind: 'ConfigMapList', metadata: { remainingItemCount: 1 } })
    const rest = await ask(
      `${configMaps}?limit=2&continue=${encodeURIComponent(json.metadata.continue)}`,
    )
    expect(rest.json.items).toMatchObject([{ metadata: { name: 'c' } }])

    const table = await ask(`${configMaps}?includeObject=Object`, { accept: tableType })
    expect(table.json).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' })
    expect(table.json.columnDefinitions[0]).toMatchObject({
      name: 'Name',
      format: 'name',
      priority: 0,
    })
    expect(table.json.rows[0]).toMatchObject({ object: { kind: 'ConfigMap' } })
    expect(table.json.rows[0].cells[0]).toBe('a')
    const bare = await ask(`${configMaps}?includeObject=None`, { accept: tableType })
    expect(bare.json.rows[0]).not.toHaveProperty('object')

    const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
    expect((await ask(configMaps, { accept })).json.items[0]).not.toHaveProperty('data')
    expect((await ask(`${configMaps}/a`, { accept: 'application/yaml' })).text).toContain('name: a')
  })
})

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

describe('logs', () => {
  test('are asked for by container, and a missing time is said', async () => {
    const asked: object[] = []
    face = await startFace({
      now: () => new Date('2026-01-01T00:01:00Z'),
      openLog: async ({ pod: { metadata }, ...request }) => {
        asked.push({ ...request, name: metadata.name })
        return logLines(['one', 'two'])
      },
    })
    await createWithStatus(face.objects, pod('web'))
    const path = '/api/v1/namespaces/default/pods/web/log'
    const query =
      'container=odoo&follow=true&tailLines=7&sinceSeconds=30&limitBytes=9&timestamps=true'
    const { text, headers } = await ask(`${path}?${query}`)
    expect(text).toBe('one\ntwo\n')
    expect(headers.get('content-type')).toBe('text/plain')
    expect(headers.get('warning')).toContain('no timestamps')
    expect(asked).toEqual([
      {
        name: 'web',
        container: 'odoo',
        previous: false,
        follow: true,
        tailLines: 7,
        limitBytes: 9,
        sinceTime: '2026-01-01T00:00:30.000Z',
      },
    ])
    expect((await ask(path)).json.message).toBe(
      'a container name must be specified for pod web, choose one of: [odoo side late]',
    )
    expect((await ask(`${path}?container=odoo&tailLines=-1`)).code).toBe(400)
    expect((await ask('/api/v1/namespaces/default/pods/none/log')).code).toBe(404)
  })
})

function explode(): never {
  throw new Error('secret of the store')
}

async function open(path: string, accept = 'application/json') {
  const leaving = new AbortController()
  const response = await fetch(`${face.url}${path}`, {
    signal: leaving.signal,
    headers: { Authorization: `Bearer ${testToken}`, Accept: accept },
  })
  expect(response.status).toBe(200)
  const lines = linesOf(response)
  return {
    next: async () => {
      const { value } = await lines.next()
      return value === undefined ? undefined : JSON.parse(value)
    },
    leave: () => leaving.abort(),
  }
}

async function* linesOf(response: Response): AsyncGenerator<string, undefined> {
  let rest = ''
  for await (const chunk of response.body ?? []) {
    const parts = (rest + Buffer.from(chunk).toString()).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
}

function deployment(name: string) {
  const labels = { app: name }
  const containers = [{ name: 'odoo', image: 'base-18' }]
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  }
}
