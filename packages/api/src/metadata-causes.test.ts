import { expect, test } from 'vitest'
import { metadataCauses } from './metadata-causes.ts'

const fieldsOf = (metadata: object, rule: 'label' | 'subdomain' | 'path' = 'subdomain') => {
  const object = { apiVersion: 'v1', kind: 'X', metadata: { name: 'a', ...metadata } }
  return metadataCauses(object, rule).map(({ field }) => field)
}

test.each(['a', 'a.b-c.d1', '0', `${'a'.repeat(63)}.b`])('%s is a name', (name) => {
  expect(fieldsOf({ name })).toEqual([])
})

test.each(['', 'A', 'a_b', '-a', 'a-', 'a..b', '.a', 'a/b', 'ä', 'a'.repeat(254)])(
  '%j is no name',
  (name) => {
    expect(fieldsOf({ name })).toEqual(['metadata.name'])
  },
)

test('names of labels are one label long, names of roles almost anything', () => {
  expect(fieldsOf({ name: 'a.b' }, 'label')).toEqual(['metadata.name'])
  expect(fieldsOf({ name: 'a'.repeat(64) }, 'label')).toEqual(['metadata.name'])
  expect(fieldsOf({ name: 'system:Node' }, 'path')).toEqual([])
  for (const name of ['..', '.', 'a/b', 'a%b']) {
    expect(fieldsOf({ name }, 'path')).toEqual(['metadata.name'])
  }
})

test('labels and annotations are judged one by one', () => {
  const labels = { good: 'v', 'ex.io/good': '', 'bad key': 'v', worse: '-' }
  const annotations = { 'ex.io/a': 'anything at all', '': 'x', number: 7 }
  expect(fieldsOf({ labels, annotations })).toEqual([
    'metadata.labels[bad key]',
    'metadata.labels[worse]',
    'metadata.annotations[]',
    'metadata.annotations[number]',
  ])
})

test('annotations have their limit in all', () => {
  const annotations = { a: 'x'.repeat(200_000), b: 'x'.repeat(100_000) }
  expect(fieldsOf({ annotations })).toEqual(['metadata.annotations'])
})

test('finalizers are qualified names', () => {
  expect(fieldsOf({ finalizers: ['planapulse.com/teardown', 'kubernetes'] })).toEqual([])
  expect(fieldsOf({ finalizers: ['a b', 7] })).toEqual([
    'metadata.finalizers[0]',
    'metadata.finalizers[1]',
  ])
})
