import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { createAsk } from './ask.suite.ts'
import { type RunningFace, startFace } from './harness.suite.ts'
import { parseProtobuf } from './protobuf.ts'

let face: RunningFace | undefined
afterEach(async () => {
  await face?.close()
  face = undefined
})

const { ask } = createAsk(() => face?.url ?? '')
const type = 'application/vnd.kubernetes.protobuf'
const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'

describe('protobuf', () => {
  test('a question of kubectl is read and answered in JSON', async () => {
    face = await startFace()
    const attributes = message([1, 'default'], [2, 'create'], [3, 'apps'], [5, 'deployments'])
    const spec = message([1, attributes])
    const send = enveloped('authorization.k8s.io/v1', 'SelfSubjectAccessReview', message([2, spec]))
    const { code, json } = await post(reviews, send)
    expect(code).toBe(201)
    expect(json).toMatchObject({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      metadata: {},
      spec: {
        resourceAttributes: {
          namespace: 'default',
          verb: 'create',
          group: 'apps',
          resource: 'deployments',
        },
      },
      status: { allowed: true },
    })
  })

  test('a question of another kind, or none, is a 400 that says so', async () => {
    face = await startFace()
    const other = enveloped('v1', 'Secret', Buffer.alloc(0))
    expect((await post(reviews, other)).json).toMatchObject({
      code: 400,
      message: expect.stringContaining('API version in the data (v1)'),
    })
    expect((await post(reviews, Buffer.from('{}'))).json).toMatchObject({
      code: 400,
      message: expect.stringContaining('cannot read the body as protobuf'),
    })
    expect((await ask(reviews, { method: 'GET' })).json).toMatchObject({ code: 405 })
  })

  test('an object in it is refused with the command that takes it instead', async () => {
    face = await startFace()
    const send = enveloped('v1', 'ConfigMap', Buffer.alloc(0))
    const { json } = await post('/api/v1/namespaces/default/configmaps', send)
    expect(json).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' })
    expect(json.message).toContain('use apply -f')
    expect(json.message).toContain('--dry-run=client -o yaml | kubectl apply -f -')
  })

  test('fields that are not known are passed over, of every wire type', () => {
    const raw = Buffer.concat([
      Buffer.from([0x48, 0x96, 0x01]),
      Buffer.from([0x51, 1, 2, 3, 4, 5, 6, 7, 8]),
      Buffer.from([0x5d, 1, 2, 3, 4]),
      message([12, 'other'], [1, 'here']),
    ])
    expect(parseProtobuf(enveloped('v1', 'X', raw), { 1: ['name', 'text'] })).toEqual({
      apiVersion: 'v1',
      kind: 'X',
      name: 'here',
    })
  })

  test('whatever the bytes, it is read or is a 400', () => {
    const shape = { 1: ['name', 'text'], 2: ['spec', { 1: ['name', 'text'] }] } as const
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.boolean(), (bytes, isWrapped) => {
        const body = isWrapped ? enveloped('v1', 'X', Buffer.from(bytes)) : k8s(Buffer.from(bytes))
        try {
          parseProtobuf(body, shape)
        } catch (error) {
          expect(error).toMatchObject({ code: 400 })
        }
      }),
    )
  })
})

function post(path: string, send: Buffer) {
  return ask(path, { method: 'POST', send, type })
}

/** Fields of texts and messages. */
function message(...fields: readonly (readonly [number, string | Buffer])[]): Buffer {
  const parts = fields.map(([field, content]) => {
    const bytes = Buffer.from(content)
    return Buffer.concat([Buffer.from([field * 8 + 2, bytes.length]), bytes])
  })
  return Buffer.concat(parts)
}

function k8s(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from('k8s\0'), bytes])
}

function enveloped(apiVersion: string, kind: string, raw: Buffer): Buffer {
  return k8s(message([1, message([1, apiVersion], [2, kind])], [2, raw]))
}
