import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../object.ts'
import { createKinds } from '../registry.ts'
import { parseQuantity } from './quantity.ts'

const { findKind } = await createKinds()
const metadata = { name: 'x', namespace: 'instance-acme' }

function core(kind: string, fields: object): KubeObject {
  return findKind('v1', kind).setDefaults({ apiVersion: 'v1', kind, metadata, ...fields })
}

const fieldsOf = (object: KubeObject, old?: KubeObject) =>
  findKind('v1', object.kind)
    .validate(object, old)
    .map(({ field }) => field)

describe('PersistentVolumeClaim', () => {
  const claim = (storage: string, spec: object = {}) =>
    core('PersistentVolumeClaim', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, ...spec },
    })

  test('may be bound once and grow, and nothing else', () => {
    const old = claim('5Gi')
    expect(fieldsOf(claim('10Gi'), old)).toEqual([])
    expect(fieldsOf(claim('5120Mi', { volumeName: 'v' }), old)).toEqual([])
    expect(fieldsOf(claim('1Gi'), old)).toEqual(['spec'])
    expect(fieldsOf(claim('5Gi', { accessModes: ['ReadWriteMany'] }), old)).toEqual(['spec'])
    const bound = claim('5Gi', { volumeName: 'v' })
    expect(fieldsOf(claim('5Gi', { volumeName: 'w' }), bound)).toEqual(['spec'])
  })
})

describe('Secret and ConfigMap', () => {
  test('what was declared immutable stays so', () => {
    const old = core('ConfigMap', { data: { a: '1' }, immutable: true })
    expect(fieldsOf(core('ConfigMap', { data: { a: '2' } }), old)).toEqual(['data', 'immutable'])
    expect(fieldsOf(core('ConfigMap', { data: { a: '1' }, immutable: true }), old)).toEqual([])
    const open = core('ConfigMap', { data: { a: '1' } })
    expect(fieldsOf(core('ConfigMap', { data: {} }), open)).toEqual([])
  })

  test('the type of a Secret never changes', () => {
    expect(fieldsOf(core('Secret', { type: 'other' }), core('Secret', {}))).toEqual(['type'])
  })

  test('keys, encoding and size are judged', () => {
    expect(fieldsOf(core('Secret', { data: { 'a b': 'YQ==', c: 'plain text' } }))).toEqual(
      expect.arrayContaining(['data[c]', 'data[a b]']),
    )
    const large = { data: { a: 'x'.repeat(1_100_000) } }
    expect(fieldsOf(core('ConfigMap', large))).toEqual(['data, binaryData'])
  })

  test('plain text of any length is encoded', () => {
    const text = 'ж'.repeat(200_000)
    const { data } = core('Secret', { stringData: { a: text } })
    const encoded = String({ ...Object(data) }.a)
    expect(Buffer.from(encoded, 'base64').toString()).toBe(text)
  })
})

describe('Pod', () => {
  const pod = (spec: object, status: object = {}) =>
    core('Pod', { spec: { containers: [{ name: 'odoo', image: 'base-18' }], ...spec }, status })
  const shown = (object: KubeObject, column: string) =>
    findKind('v1', 'Pod')
      .columns.find(({ name }) => name === column)
      ?.cell(object)

  test('may be bound once; its image may change, nothing else', () => {
    const old = pod({})
    expect(fieldsOf(pod({ nodeName: 'here' }), old)).toEqual([])
    expect(fieldsOf(pod({ nodeName: 'there' }), pod({ nodeName: 'here' }))).toEqual(['spec'])
    expect(
      fieldsOf(
        pod({ containers: [{ name: 'odoo', image: 'other:1', imagePullPolicy: 'Always' }] }),
        old,
      ),
    ).toEqual([])
    expect(fieldsOf(pod({ hostname: 'x' }), old)).toEqual(['spec'])
  })

  const waiting = (reason: string) => ({ state: { waiting: { reason } }, restartCount: 3 })
  test.each<[string, object, object]>([
    ['Pending', {}, {}],
    [
      'Running',
      {},
      { phase: 'Running', containerStatuses: [{ ready: true, state: { running: {} } }] },
    ],
    [
      'CrashLoopBackOff',
      {},
      { phase: 'Running', containerStatuses: [waiting('CrashLoopBackOff')] },
    ],
    [
      'Completed',
      {},
      {
        phase: 'Succeeded',
        containerStatuses: [{ state: { terminated: { reason: 'Completed', exitCode: 0 } } }],
      },
    ],
    [
      'ExitCode:3',
      {},
      { phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 3 } } }] },
    ],
    ['Evicted', {}, { phase: 'Failed', reason: 'Evicted' }],
    [
      'Init:0/1',
      { initContainers: [{ name: 'i', image: 'x' }] },
      { phase: 'Pending', initContainerStatuses: [{ state: { running: {} } }] },
    ],
    [
      'Init:ErrImagePull',
      { initContainers: [{ name: 'i', image: 'x' }] },
      { initContainerStatuses: [waiting('ErrImagePull')] },
    ],
  ])('shows %s as kubectl does', (status, spec, given) => {
    expect(shown(pod(spec, given), 'Status')).toBe(status)
  })

  test('counts ready containers and restarts', () => {
    const status = { containerStatuses: [{ ready: true, restartCount: 2 }] }
    expect(shown(pod({}, status), 'Ready')).toBe('1/1')
    expect(shown(pod({}, status), 'Restarts')).toBe(2)
    expect(shown(pod({}), 'Ready')).toBe('0/1')
  })
})

test('an event shows when, what, why and of which object', () => {
  const event = core('Event', {
    type: 'Warning',
    reason: 'Failed',
    message: 'no',
    lastTimestamp: '2026-11-21T12:00:00Z',
    involvedObject: { kind: 'Pod', name: 'odoo-1' },
  })
  const cells = findKind('v1', 'Event')
    .columns.filter(({ priority }) => priority === 0)
    .map(({ cell }) => cell(event))
  expect(cells).toEqual(['2026-11-21T12:00:00Z', 'Warning', 'Failed', 'pod/odoo-1', 'no'])
})

test.each([
  ['5Gi', 5 * 2 ** 30],
  ['250m', 0.25],
  ['1e3', 1000],
  ['1E', 1e18],
  ['.5', 0.5],
  ['0', 0],
])('the quantity %s is %d', (text, value) => {
  expect(parseQuantity(text)).toBe(value)
})

test.each(['', 'Gi', '5 Gi', '5gi', '1.2.3'])('%j is no quantity', (text) => {
  expect(parseQuantity(text)).toBeUndefined()
})
