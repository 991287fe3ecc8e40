import type { KubeObject } from '@pulse/api'
import { expect, test } from 'vitest'
import { planUid, type UidRange, uidAnnotation, uidOf } from './namespace-uid.ts'

const range = { first: 5000, count: 4 }

test('each namespace gets a uid of the range that nobody has', () => {
  const given: KubeObject[] = []
  for (const name of ['a', 'b', 'c', 'd']) {
    given.push(make(name, String(plan(make(name), given, range))))
  }
  const uids = given.map(({ metadata }) => metadata.annotations?.[uidAnnotation])
  expect(uids.toSorted()).toEqual(['5000', '5001', '5002', '5003'])
})

test('a namespace keeps its uid', () => {
  const own = make('a', '5002')
  expect(plan(own, [own, make('b', '5003')], range)).toBe(5002)
})

test('a uid that has just become free is not the next to be given', () => {
  const wide = { first: 5000, count: 65_536 }
  const gone = plan(make('gone'), [make('other', '5000')], wide)
  expect(plan(make('next'), [make('other', '5000')], wide)).not.toBe(gone)
})

test.each(['0', '1000', '4999', '5004', '-1', '0x1389', '5e3', ' 5001', ''])(
  'a uid that someone has written is not taken over: %j',
  (text) => {
    const all = [make('b', '5000'), make('c', '5002'), make('d', '5003')]
    expect(plan(make('a', text), all, range)).toBe(5001)
  },
)

test('of two with the same uid the younger gets another one', () => {
  const old = make('old', '5000', '2026-01-01T00:00:00Z')
  const young = make('young', '5000', '2026-01-02T00:00:00Z')
  expect(plan(old, [old, young], range)).toBe(5000)
  expect(plan(young, [old, young], range)).not.toBe(5000)
})

test('a range without a free uid is refused, never shared', () => {
  const all = [5000, 5001, 5002, 5003].map((uid) => make(`n${uid}`, String(uid)))
  expect(() => plan(make('late'), all, range)).toThrow('all 4 uids of the range are taken')
})

function plan(namespace: KubeObject, all: readonly KubeObject[], range: UidRange): number {
  const others = all.filter(({ metadata }) => metadata.name !== namespace.metadata.name)
  const rivals = others.filter((other) => uidOf(other) === uidOf(namespace))
  const isTaken = (uid: number) => others.some((other) => uidOf(other) === uid)
  return planUid(namespace, { rivals, isTaken, range })
}

function make(name: string, uid?: string, creationTimestamp = '2026-01-01T00:00:00Z'): KubeObject {
  const annotations: Record<string, string> = uid === undefined ? {} : { [uidAnnotation]: uid }
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, uid: `uid-${name}`, creationTimestamp, annotations },
  }
}
