import { expect, test } from 'vitest'
import { idleKeeping, misspeltAnnotations } from './annotation-rules.ts'
import { refusals, stored } from './legal-objects.suite.ts'
import { askAnnotations } from './names.ts'

const kinds = ['PLANAClient', 'TenantEnvironment']
const withAnnotations = (
  kind: string,
  annotations: Readonly<Record<string, string>>,
  spec: object = {},
) => {
  const object = stored(kind, spec)
  return { ...object, metadata: { ...object.metadata, annotations } }
}
const cases = kinds.flatMap((kind) => Object.values(askAnnotations).map((name) => [kind, name]))

test.each(cases)('%s: %s is a time, and what is none is refused', (kind, name) => {
  for (const time of ['2026-11-29T15:00:00Z', '2020-01-01T00:00:00.123+02:00']) {
    expect(refusals(kind, withAnnotations(kind, { [name]: time }))).toEqual([])
  }
  for (const value of ['tomorrow', '2h', '', 'now', '2026-11-29', '2026-13-01T00:00:00Z']) {
    expect(refusals(kind, withAnnotations(kind, { [name]: value }))).toEqual([
      `metadata.annotations[${name}]: must be an RFC 3339 time, such as 2026-11-29T15:00:00Z; "${name}-" takes it away`,
    ])
  }
})

test('what was stored before there was this rule holds up no other change', () => {
  const old = withAnnotations('PLANAClient', { [askAnnotations.sleepAt]: 'now' })
  const next = withAnnotations('PLANAClient', { [askAnnotations.sleepAt]: 'now' }, { projectId: 7 })
  expect(refusals('PLANAClient', next, old)).toEqual([])
  const other = withAnnotations('PLANAClient', { [askAnnotations.sleepAt]: 'xx' })
  expect(refusals('PLANAClient', other, old)).toHaveLength(1)
})

const orders = [askAnnotations.wakeAt, askAnnotations.sleepAt]
const orderCases = kinds.flatMap((kind) => orders.map((name) => [kind, name]))
const now = '2026-11-29T15:00:00Z'

test.each(orderCases)('%s: %s is an order for now, and a time to come is refused', (kind, name) => {
  const refused = (value: string) =>
    refusals(kind, withAnnotations(kind, { [name]: value }), undefined, now)
  for (const value of [
    '2026-11-29T15:05:00Z',
    '2026-11-29T17:00:00+02:00',
    '2020-01-01T00:00:00Z',
  ]) {
    expect(refused(value)).toEqual([])
  }
  for (const value of ['2026-11-29T15:05:01Z', '2026-11-29T15:50:00Z', '2027-01-01T00:00:00Z']) {
    expect(refused(value)).toEqual([
      `metadata.annotations[${name}]: is carried out at once, whatever its time: that must not be more than 5 minutes ahead of the server; "${name}-" takes it away`,
    ])
  }
  expect(refused('tomorrow')).toHaveLength(1)
})

test('a time to come that is stored already holds up no other change; to be kept awake until then is meant so', () => {
  const later = '2026-11-29T15:50:00Z'
  const old = withAnnotations('PLANAClient', { [askAnnotations.sleepAt]: later })
  const next = withAnnotations(
    'PLANAClient',
    { [askAnnotations.sleepAt]: later, [askAnnotations.awakeUntil]: later },
    { projectId: 7 },
  )
  expect(refusals('PLANAClient', next, old, now)).toEqual([])
})

test.each([
  ['1', 0],
  ['999', 0],
  ['0', 1],
  ['yes', 1],
])('a retry of %j is a number', (value, count) => {
  const template = withAnnotations('TemplateSnapshot', { 'planapulse.com/retry': value })
  expect(refusals('TemplateSnapshot', template)).toHaveLength(count)
})

test('an annotation of ours that is nearly written right is told, with the right one', () => {
  const metadata = {
    annotations: {
      'planapulse.com/keep-awake-untill': 'x',
      'planapulse.com/sleep-at': 'x',
      'planapulse.com/life': 'x',
      'planapulse.com/something-else': 'x',
      'planapulse.com/wake-a': null,
      'example.com/sleep-att': 'x',
    },
  }
  expect(misspeltAnnotations({ metadata })).toEqual([
    { name: 'planapulse.com/keep-awake-untill', nearest: 'planapulse.com/keep-awake-until' },
  ])
  expect(misspeltAnnotations('no object')).toEqual([])
})

test.each([
  ['keep-awake', 'keep-awake-until'],
  ['Keep-Awake', 'keep-awake-until'],
  ['sleep', 'sleep-at'],
  ['wake', 'wake-at'],
  ['sleepat', 'sleep-at'],
])(
  'a beginning of an annotation of ours is told as one that is nearly right: %s',
  (name, right) => {
    const annotations = { [`planapulse.com/${name}`]: 'true' }
    expect(misspeltAnnotations({ metadata: { annotations } })).toEqual([
      { name: `planapulse.com/${name}`, nearest: `planapulse.com/${right}` },
    ])
  },
)

test('to be kept awake until a time that has passed, or in a pool, has no effect, which is told once it is given', () => {
  const noon = Date.parse('2026-11-29T12:00:00Z')
  const until = (time: string) => ({
    metadata: { annotations: { [askAnnotations.awakeUntil]: time } },
  })
  const instance = stored('TenantEnvironment', { hosting: 'instance' })
  const pooled = stored('TenantEnvironment', { hosting: 'pool' })
  expect(idleKeeping(until('2026-11-29T12:00:01Z'), instance, noon)).toBeUndefined()
  expect(idleKeeping(until('2026-11-29T11:00:00Z'), instance, noon)).toBe(
    'annotation "planapulse.com/keep-awake-until" has no effect: 2026-11-29T11:00:00Z has passed',
  )
  expect(idleKeeping(until('2026-11-29T13:00:00Z'), pooled, noon)).toContain('pools do not sleep')
  const taken = { metadata: { annotations: { [askAnnotations.awakeUntil]: null } } }
  for (const value of [taken, { metadata: { labels: { a: 'b' } } }, 'no object']) {
    expect(idleKeeping(value, pooled, noon)).toBeUndefined()
  }
})
