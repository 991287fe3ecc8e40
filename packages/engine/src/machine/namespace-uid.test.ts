import type { KubeObject } from '@pulse/api'
import { expect, test } from 'vitest'
import { planUid, uidAnnotation } from './namespace-uid.ts'

const range = { first: 5000, count: 4 }

test('each namespace gets a uid of the range that nobody has', () => {
  const given: KubeObject[] = []
  for (const name of ['a', 'b', 'c', 'd']) {
    given.push(make(name, String(planUid(make(name), given, range))))
  }
  const uids = given.map(({ metadata }) => metadata.annotations?.[uidAnnotation])
  expect(uids.toSorted()).toEqual(['5000', '5001', '5002', '5003'])
})

test('a namespace keeps its uid', () => {
  const own = make('a', '5002')
  expect(planUid(own, [own, make('b', '5003')], range)).toBe(5002)
})

test('a uid that has just become free is not the next to be given', () => {
  const wide = { first: 5000, count: 65_536 }
  const gone = planUid(make('gone'), [make('other', '5000')], wide)
  expect(planUid(make('next'), [make('other', '5000')], wide)).not.toBe(gone)
})

test.each(['0', '1000', '4999', '5004', '-1', '0x1389', '5e3', ' 5001', ''])(
  'a uid that someone has written is not taken over: %j',
  (text) => {
    const all = [make('b', '5000'), make('c', '5002'), make('d', '5003')]
    expect(planUid(make('a', text), all, range)).toBe(5001)
  },
)

test('of two with the same uid the younger gets another one', () => {
  const old = make('old', '5000', '2026-01-01T00:00:00Z')
  const young = make('young', '5000', '2026-01-02T00:00:00Z')
  expect(planUid(old, [old, young], range)).toBe(5000)
  expect(planUid(young, [old, young], range)).not.toBe(5000)
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
