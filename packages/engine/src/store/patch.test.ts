import { expect, test } from 'vitest'
import type { Patch } from '../objects.ts'
import { note } from './conformance/harness.ts'
import { mergePatch, patched } from './patch.ts'

const lists = {
  'spec.containers': { type: 'map', keys: ['name'] },
  'spec.containers.ports': {
    type: 'map',
    keys: ['containerPort', 'protocol'],
    patchKey: 'containerPort',
  },
  'metadata.finalizers': { type: 'set' },
} as const

const pod = note('pod', {
  metadata: { finalizers: ['a/x', 'b/x'], labels: { app: 'x', old: 'y' } },
  spec: {
    strategy: { type: 'Rolling', rolling: { max: 1 } },
    containers: [
      { name: 'web', image: 'one', ports: [{ containerPort: 80, name: 'http' }] },
      { name: 'log', image: 'two' },
    ],
    args: ['a', 'b'],
  },
})

const patchedSpec = (patch: unknown, type: Patch['type'] = 'strategic') =>
  patched(pod, { type, patch } as Patch, { lists }).spec

test('strategic: keyed lists merge, others are replaced, null removes', () => {
  expect(
    patchedSpec({
      spec: {
        containers: [{ name: 'web', image: 'new', ports: [{ containerPort: 81 }] }],
        args: ['c'],
        strategy: null,
      },
    }),
  ).toEqual({
    containers: [
      {
        name: 'web',
        image: 'new',
        ports: [{ containerPort: 80, name: 'http' }, { containerPort: 81 }],
      },
      { name: 'log', image: 'two' },
    ],
    args: ['c'],
  })
})

test('strategic: $patch deletes an item, replaces a list or a map', () => {
  expect(patchedSpec({ spec: { containers: [{ name: 'log', $patch: 'delete' }] } })).toMatchObject({
    containers: [{ name: 'web' }],
  })
  expect(
    patchedSpec({ spec: { containers: [{ $patch: 'replace' }, { name: 'only' }] } }),
  ).toMatchObject({ containers: [{ name: 'only' }] })
  expect(
    patchedSpec({ spec: { strategy: { $patch: 'replace', type: 'Recreate' } } }),
  ).toMatchObject({ strategy: { type: 'Recreate' } })
  expect(() => patchedSpec({ spec: { $patch: 'nonsense' } })).toThrow(/directive/)
})

test('strategic: $retainKeys keeps only the named members', () => {
  const strategy = { $retainKeys: ['type'], type: 'Recreate' }
  expect(patchedSpec({ spec: { strategy } })).toMatchObject({ strategy: { type: 'Recreate' } })
  expect(JSON.stringify(patchedSpec({ spec: { strategy } }))).not.toContain('max')
})

test('strategic: sets lose and gain members, orders are set', () => {
  const patch = {
    metadata: {
      '$deleteFromPrimitiveList/finalizers': ['a/x'],
      '$setElementOrder/finalizers': ['c/x', 'b/x'],
      finalizers: ['c/x'],
    },
    spec: { '$setElementOrder/containers': [{ name: 'log' }, { name: 'web' }] },
  }
  const result = patched(pod, { type: 'strategic', patch }, { lists })
  expect(result.metadata.finalizers).toEqual(['c/x', 'b/x'])
  expect(result.spec).toMatchObject({ containers: [{ name: 'log' }, { name: 'web' }] })
})

test('strategic: an item without its key is refused', () => {
  expect(() => patchedSpec({ spec: { containers: [{ image: 'x' }] } })).toThrow(/patch key name/)
})

/** The examples of RFC 7386, appendix A. */
test.each([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('merge: %j with %j is %j', (target, patch, expected) => {
  expect(mergePatch(target, patch)).toEqual(expected)
})

test('JSON patches apply whole or not at all, and say which operation failed', () => {
  const operations = [
    { op: 'remove', path: '/spec/args/0' },
    { op: 'test', path: '/spec/args/0', value: 'not b' },
  ]
  expect(() => patchedSpec(operations, 'json')).toThrow(/operation 1 \(test \/spec\/args\/0\)/)
  expect(pod.spec).toMatchObject({ args: ['a', 'b'] })
  expect(() => patchedSpec([{ op: 'nonsense', path: '/x' }], 'json')).toThrow(/op and path/)
})
