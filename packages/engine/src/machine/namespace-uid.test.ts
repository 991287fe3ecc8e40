import type { KubeObject } from '@pulse/api'
import { expect, test } from 'vitest'
import { planUid, uidAnnotation } from './namespace-uid.ts'

const range = { first: 5000, count: 4 }

test('the first namespace gets the first uid, the next one the next', () => {
  expect(planUid(make('a'), [], range)).toBe(5000)
  expect(planUid(make('b'), [make('a', '5000')], range)).toBe(5001)
})

test('a namespace keeps its uid', () => {
  const own = make('a', '5002')
  expect(planUid(own, [own, make('b', '5003')], range)).toBe(5002)
})

test('a uid that has just become free is the last to be given again', () => {
  expect(planUid(make('c'), [make('b', '5001')], range)).toBe(5002)
  const all = [make('b', '5001'), make('d', '5003')]
  expect(planUid(make('c'), all, range)).toBe(5000)
})

test.each(['0', '1000', '4999', '5004', '-1', '0x1389', '5e3', ' 5001', ''])(
  'a uid that someone has written is not taken over: %j',
  (text) => {
    expect(planUid(make('a', text), [make('b', '5000')], range)).toBe(5001)
  },
)

test('of two with the same uid the younger gets another one', () => {
  const old = make('old', '5000', '2026-01-01T00:00:00Z')
  const young = make('young', '5000', '2026-01-02T00:00:00Z')
  expect(planUid(old, [old, young], range)).toBe(5000)
  expect(planUid(young, [old, young], range)).toBe(5001)
})

test('a range without a free uid is refused, never shared', () => {
  const all = [5000, 5001, 5002, 5003].map((uid) => make(`n${uid}`, String(uid)))
  expect(() => planUid(make('late'), all, range)).toThrow('all 4 uids of the range are taken')
})

function make(name: string, uid?: string, creationTimestamp = '2026-01-01T00:00:00Z'): KubeObject {
  const annotations: Record<string, string> = uid === undefined ? {} : { [uidAnnotation]: uid }
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, uid: `uid-${name}`, creationTimestamp, annotations },
  }
}
