import { expect, test } from 'vitest'
import { createLifeFigures, type LifeFigures } from './life-figures.ts'
import type { SavedFigures } from './saved-figures.ts'

const noon = Date.UTC(2026, 0, 5, 12)
const hourMs = 3_600_000
const wake = {
  environment: 'acme-prod',
  cause: 'request',
  temperature: 'forked',
  durationMs: 400,
} as const

function withFigures(saved?: SavedFigures, isDown = false) {
  const clock = { now: noon }
  const known = new Set(['acme-prod'])
  const isKnown = (environment: string) => known.has(environment)
  const figures = createLifeFigures({
    now: () => clock.now,
    isKnown,
    isDown: () => isDown,
    saved,
  })
  return { clock, known, figures }
}

function saved(figures: LifeFigures): SavedFigures {
  return structuredClone({ version: 1, environments: Object.fromEntries(figures.toSave()) })
}

test('only the time awake counts as awake, and only that of today', () => {
  const { clock, figures } = withFigures()
  clock.now = noon - 13 * hourMs
  figures.told('acme-prod', 'awake')
  clock.now = noon
  expect(figures.of('acme-prod')).toMatchObject({ awakeMsToday: 12 * hourMs })
  figures.told('acme-prod', 'asleep')
  clock.now = noon + hourMs
  expect(figures.of('acme-prod')).toMatchObject({
    state: 'asleep',
    since: noon,
    awakeMsToday: 12 * hourMs,
  })
  clock.now = noon + 12 * hourMs
  expect(figures.of('acme-prod')).toMatchObject({ awakeMsToday: 0, wakesToday: 0 })
})

test('all wakes of today are counted, and the last of them are measured', () => {
  const { figures } = withFigures()
  for (let count = 0; count < 40; count += 1) figures.woke(wake)
  figures.woke({ ...wake, durationMs: 3000 })
  expect(figures.of('acme-prod')).toMatchObject({
    wakesToday: 41,
    wakeTimes: { count: 32, p50Ms: 400, p99Ms: 3000 },
  })
})

test('wakes are measured for each temperature too, before and after a restart', () => {
  const { figures } = withFigures()
  for (let count = 0; count < 3; count += 1) figures.woke(wake)
  figures.woke({ ...wake, temperature: 'cold', durationMs: 3000 })
  const wakeTimesFrom = {
    forked: { count: 3, p50Ms: 400, p99Ms: 400 },
    cold: { count: 1, p50Ms: 3000, p99Ms: 3000 },
  }
  expect(figures.of('acme-prod')).toMatchObject({ wakeTimesFrom })
  expect(withFigures(saved(figures)).figures.of('acme-prod')).toMatchObject({ wakeTimesFrom })
})

test('wakes that were saved without a temperature count as cold ones', () => {
  const day = Math.floor(noon / (24 * hourMs))
  const entry = { state: 'asleep', since: noon, day, wakes: 1, awakeMs: 0, last: [2000] }
  const { figures } = withFigures({ version: 1, environments: { 'acme-prod': entry } })
  figures.woke(wake)
  expect(figures.of('acme-prod')?.wakeTimesFrom).toMatchObject({
    cold: { count: 1, p50Ms: 2000 },
    forked: { count: 1, p50Ms: 400 },
  })
})

test('one of which wakes alone were told was in no state before its first', () => {
  const { figures } = withFigures()
  figures.woke({ ...wake, temperature: 'warm' })
  expect(figures.told('acme-prod', 'asleep')).toBeUndefined()
  expect(figures.told('acme-prod', 'asleep')).toBe('asleep')
})

test('a second word of the same state does not begin it anew', () => {
  const { clock, figures } = withFigures()
  expect(figures.told('acme-prod', 'asleep')).toBeUndefined()
  clock.now += hourMs
  expect(figures.told('acme-prod', 'asleep')).toBe('asleep')
  expect(figures.of('acme-prod')).toMatchObject({ since: noon })
})

test('awake time is taken once, and a series ends ten minutes after its environment fell asleep', () => {
  const { clock, figures } = withFigures()
  figures.told('acme-prod', 'awake')
  clock.now += 60_000
  const taken = { environment: 'acme-prod', isOver: false }
  expect(figures.takeAwake()).toEqual([{ ...taken, awakeMs: 60_000 }])
  clock.now += 1_000
  figures.told('acme-prod', 'asleep')
  clock.now += 60_000
  expect(figures.takeAwake()).toEqual([{ ...taken, awakeMs: 1_000 }])
  clock.now += 9 * 60_000
  expect(figures.takeAwake()).toEqual([{ ...taken, awakeMs: 0, isOver: true }])
  expect(figures.takeAwake()).toEqual([])
})

test('what was saved goes on after a restart, except that nobody saw whether it was awake meanwhile', () => {
  const before = withFigures()
  before.figures.woke(wake)
  before.figures.told('acme-prod', 'awake')
  before.clock.now += 1_000
  const after = withFigures(saved(before.figures))
  after.clock.now = noon + hourMs
  after.figures.told('acme-prod', 'awake')
  expect(after.figures.of('acme-prod')).toMatchObject({
    since: noon,
    wakesToday: 1,
    awakeMsToday: 1_000,
    wakeTimes: { count: 1 },
  })
})

test('what was stopped while nobody looked is asleep from when that is seen', () => {
  const before = withFigures()
  before.figures.told('acme-prod', 'awake')
  const { figures } = withFigures(saved(before.figures), true)
  expect(figures.of('acme-prod')).toMatchObject({ state: 'asleep', since: noon })
})

test('of a deleted environment nothing is kept once its last time was taken', () => {
  const { known, clock, figures } = withFigures()
  figures.told('acme-prod', 'awake')
  clock.now += 1_000
  known.clear()
  expect([...figures.toSave()]).toEqual([])
  expect(figures.takeAwake()).toMatchObject([{ awakeMs: 1_000, isOver: true }])
  expect([...figures.toSave()]).toEqual([])
  expect(figures.of('acme-prod')).toBeUndefined()
})

test('the next environment of a name begins without the figures of the one before', () => {
  const { clock, figures } = withFigures()
  figures.told('acme-prod', 'awake')
  figures.woke(wake)
  clock.now += hourMs
  figures.forget('acme-prod')
  expect(figures.of('acme-prod')).toBeUndefined()
  expect([...figures.countStates()]).toEqual([])
  clock.now += 60_000
  expect(figures.told('acme-prod', 'awake')).toBeUndefined()
  clock.now += 1_000
  expect(figures.of('acme-prod')).toMatchObject({
    ...{ wakesToday: 0, awakeMsToday: 1_000, wakeTimes: undefined },
  })
})

test('the series of one that was forgotten ends once, before that of the next one of its name', () => {
  const { clock, figures } = withFigures()
  figures.told('acme-prod', 'awake')
  clock.now += hourMs
  figures.takeAwake()
  figures.forget('acme-prod')
  figures.told('acme-prod', 'awake')
  clock.now += 1_000
  const environment = 'acme-prod'
  expect(figures.takeAwake()).toEqual([
    { environment, awakeMs: 0, isOver: true },
    { environment, awakeMs: 1_000, isOver: false },
  ])
  expect(figures.takeAwake()).toEqual([{ environment, awakeMs: 0, isOver: false }])
})
