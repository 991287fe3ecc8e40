import type { KubeObject } from '@pulse/api'
import { afterEach, describe, expect, test } from 'vitest'
import { createAsk } from './ask.suite.ts'
import { configMap, manager, type RunningFace, startFace, testToken } from './harness.suite.ts'

let face: RunningFace
afterEach(() => face.close())

const { ask, post } = createAsk(() => face.url)

const clients = '/apis/planapulse.com/v1alpha1/planaclients'
const configMaps = '/api/v1/namespaces/default/configmaps'

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

  test('each check is told by ?verbose, asked by itself, and left out when excluded', async () => {
    face = await startFace({
      checks: {
        gateway: () => {
          throw new Error('a secret')
        },
      },
    })
    const told = await ask('/readyz?verbose', { token: '' })
    expect(told).toMatchObject({
      code: 500,
      text: '[+]ping ok\n[+]store ok\n[-]gateway failed: reason withheld\nreadyz check failed\n',
    })
    expect(await ask('/readyz/store', { token: '' })).toMatchObject({ code: 200, text: 'ok' })
    expect(await ask('/readyz/gateway', { token: '' })).toMatchObject({ code: 500 })
    expect(await ask('/readyz?exclude=gateway', { token: '' })).toMatchObject({ code: 200 })
    expect(await ask('/livez?verbose', { token: '' })).toMatchObject({
      text: '[+]ping ok\nlivez check passed\n',
    })
    expect(await ask('/readyz/unknown', { token: '' })).toMatchObject({ code: 401 })
  })

  test('what changes something is one line of the log, under the id that its answer has', async () => {
    face = await startFace()
    const { headers } = await post('/api/v1/namespaces', {
      ...{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'one' } },
    })
    await ask('/api/v1/namespaces')
    await expect
      .poll(() => face.lines)
      .toEqual([
        {
          requestId: headers.get('audit-id'),
          ...{ user: 'admin', method: 'POST', path: '/api/v1/namespaces', status: 201 },
          durationMs: expect.any(Number),
        },
      ])
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
    ['GET', `${clients}?watch=true&sendInitialEvents=true`, 422],
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

function explode(): never {
  throw new Error('secret of the store')
}
