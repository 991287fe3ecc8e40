import { createClientKinds } from '@pulse/api'
import { expect, test } from 'vitest'
import { parseDuration } from './duration.ts'
import { ageOf, printObjects } from './print.ts'
import { findKind, parseResourceArguments } from './resource-argument.ts'

const { kinds, findKind: definition } = createClientKinds()
const now = new Date('2026-01-02T00:00:00Z')

test.each([
  ['2026-01-01T23:59:30Z', '30s'],
  ['2026-01-01T23:57:30Z', '2m30s'],
  ['2026-01-01T23:00:00Z', '60m'],
  ['2026-01-01T20:30:00Z', '3h30m'],
  ['2026-01-01T00:00:00Z', '24h'],
  ['2025-12-30T00:00:00Z', '3d'],
  ['2020-01-01T00:00:00Z', '6y'],
  ['2026-01-03T00:00:00Z', '0s'],
  ['never', '<unknown>'],
])('an age since %s is %s', (since, age) => {
  expect(ageOf(since, now)).toBe(age)
})

test.each([
  ['90s', 90_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['250ms', 250],
])('%s is a duration', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds)
})

test.each(['', '5', 'm', '5 m', '-5m', '5d'])('"%s" is none', (text) => {
  expect(() => parseDuration(text)).toThrow(/no duration/)
})

test('a type is found by all its names, and an unknown one is told with the known ones', () => {
  for (const word of ['planaclients', 'planaclient', 'PLANAClient']) {
    expect(findKind(kinds, word).kind).toBe('PLANAClient')
  }
  expect(findKind(kinds, 'deployments.apps').kind).toBe('Deployment')
  expect(() => findKind(kinds, 'tenants')).toThrow(/"tenants".*planaclients/)
})

test('types and names are read as kubectl reads them', () => {
  const shape = (...words: string[]) =>
    parseResourceArguments(kinds, words).map(({ kind, names }) => [kind.kind, ...names])
  expect(shape('pods')).toEqual([['Pod']])
  expect(shape('pods', 'a', 'b')).toEqual([['Pod', 'a', 'b']])
  expect(shape('pod/a', 'secret/b')).toEqual([
    ['Pod', 'a'],
    ['Secret', 'b'],
  ])
  expect(() => shape('pod/a', 'b')).toThrow(/TYPE\/NAME/)
})

test('one object is printed alone, several as a List, names with their type', () => {
  const kind = definition('planapulse.com/v1alpha1', 'PLANAClient')
  const object = {
    apiVersion: 'planapulse.com/v1alpha1',
    kind: 'PLANAClient',
    metadata: { name: 'a' },
  }
  const options = { kind, now, withNamespace: false } as const
  const print = (format: 'json' | 'name' | 'table', single: boolean) =>
    printObjects([object], { ...options, format, single })
  expect(JSON.parse(print('json', true))).toEqual(object)
  expect(JSON.parse(print('json', false))).toMatchObject({ kind: 'List', items: [object] })
  expect(print('name', false)).toBe('planaclient.planapulse.com/a')
  expect(print('table', false).split('\n')[0]).toMatch(/^NAME\s+TIER/)
})
