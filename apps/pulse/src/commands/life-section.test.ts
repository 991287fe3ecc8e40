import { expect, test } from 'vitest'
import { lifeLines } from './life-section.ts'
import { whyNever } from './sleep.ts'
import type { Standing } from './standing.ts'

const now = new Date('2026-01-05T12:00:00Z')
const standing: Standing = {
  hosting: 'instance',
  odooVersion: '18',
  isPaused: undefined,
  sleepEnabled: true,
  awakeUntil: undefined,
  wanted: 'up',
  processes: 1,
  isServed: true,
  trouble: undefined,
  unusable: undefined,
  unmade: undefined,
  startsPlainly: undefined,
}
const figures = {
  state: 'asleep',
  since: now.getTime() - 720_000,
  wakesToday: 3,
  awakeMsToday: 754_000,
  wakeTimes: { count: 2, p50Ms: 412, p99Ms: 1180 },
}

test('the gateway’s word comes before what the store shows', () => {
  expect(lifeLines({ standing, figures }, now)).toEqual([
    'Temperature:  cold, asleep',
    'Since:        12m (2026-01-05T11:48:00.000Z)',
    'Wakes today:  3',
    'Wake times:   p50 0.41 s, p99 1.18 s, of the last 2',
    'Awake today:  754 s',
    'Kept awake:   no',
  ])
})

test('wakes are told apart by how the process came to be', () => {
  const wakeTimesFrom = {
    forked: { count: 10, p50Ms: 412, p99Ms: 520 },
    cold: { count: 1, p50Ms: 3200, p99Ms: 3200 },
  }
  expect(lifeLines({ standing, figures: { ...figures, wakeTimesFrom } }, now).slice(3, 6)).toEqual([
    'Wake times:   p50 0.41 s, p99 1.18 s, of the last 2',
    '  forked:     p50 0.41 s, p99 0.52 s, of the last 10',
    '  cold:       p50 3.20 s, p99 3.20 s, of the last one',
  ])
})

test.each<[string, Partial<Standing>]>([
  ['hot, awake', {}],
  ['cold, starting', { isServed: false }],
  ['hot, draining', { wanted: 'draining' }],
  ['hot, stopping', { wanted: 'down' }],
  ['cold, asleep', { wanted: 'down', processes: 0 }],
  ['cold, suspended', { isPaused: 'suspended', wanted: 'down', processes: 0 }],
])('without it, "%s" is what the store shows', (words, more) => {
  const [temperature, since] = lifeLines(
    { standing: { ...standing, ...more }, figures: undefined },
    now,
  )
  expect(temperature).toBe(`Temperature:  ${words}`)
  expect(since).toContain('unknown')
})

test('one that cannot be forked says so, and why', () => {
  const plain: Standing = { ...standing, startsPlainly: 'starts plainly, which takes longer: no' }
  expect(lifeLines({ standing: plain, figures }, now)).toContain(
    'Next start:   starts plainly, which takes longer: no',
  )
})

test('a tenant of a pool has a pool, and no figures before its first wake', () => {
  const inPool: Standing = { ...standing, hosting: 'pool', awakeUntil: now.getTime() }
  expect(lifeLines({ standing: inPool, figures: undefined }, now)).toEqual([
    'Temperature:  warm or hot, served by the pool of Odoo 18',
    'Kept awake:   until 2026-01-05T12:00:00.000Z',
  ])
})

test('the wakes of a tenant of a pool are told as those of an instance are', () => {
  const inPool: Standing = { ...standing, hosting: 'pool' }
  const wakeTimesFrom = { warm: figures.wakeTimes }
  expect(
    lifeLines({ standing: inPool, figures: { ...figures, state: 'untold', wakeTimesFrom } }, now),
  ).toEqual([
    'Temperature:  warm or hot, served by the pool of Odoo 18',
    'Wakes today:  3',
    'Wake times:   p50 0.41 s, p99 1.18 s, of the last 2',
    '  warm:       p50 0.41 s, p99 1.18 s, of the last 2',
    'Kept awake:   no',
  ])
})

const hint = (words: string) => `pulse ${words}`

test.each<[string, Partial<Standing>, RegExp | undefined]>([
  ['idle', {}, undefined],
  ['in a pool', { hosting: 'pool' }, /the pool of Odoo 18/],
  ['never to sleep', { sleepEnabled: false }, /switched off/],
  ['suspended, and never to sleep', { sleepEnabled: false, isPaused: 'suspended' }, undefined],
  [
    'kept awake',
    { awakeUntil: now.getTime() },
    /kept awake until 2026-01-05T12:00:00.000Z; .*: pulse sleep acme --force/,
  ],
])('an order to sleep for one that is %s is refused with its reason, if at all', (_, more, why) => {
  const reason = whyNever({ ...standing, ...more }, { force: undefined, hint, name: 'acme' })
  expect(reason).toEqual(why === undefined ? undefined : expect.stringMatching(why))
})

test('by force it sleeps although it was to be kept awake', () => {
  const kept = { ...standing, awakeUntil: now.getTime() }
  expect(whyNever(kept, { force: true, hint, name: 'acme' })).toBeUndefined()
})
