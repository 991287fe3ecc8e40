import { expect, test } from 'vitest'
import { createAlarms } from './alarms.ts'
import { createManualClock } from './manual-clock.ts'

const day = 86_400_000
const hour = 3_600_000

function openAlarms() {
  const clock = createManualClock()
  const rung: string[] = []
  const alarms = createAlarms(clock, (key) => rung.push(key))
  const setIn = (key: string, milliseconds: number) =>
    alarms.set(key, new Date(clock.now().getTime() + milliseconds))
  return { clock, rung, alarms, setIn }
}

test('a clock that is set back makes nobody wait longer', () => {
  const { clock, rung, setIn } = openAlarms()
  setIn('a', hour)
  clock.jump(-day)
  clock.advance(hour - 1)
  expect(rung).toEqual([])
  clock.advance(1)
  expect(rung).toEqual(['a'])
})

test('a clock that is set forward brings what is due by it within a minute, once, and nothing else', () => {
  const { clock, rung, setIn } = openAlarms()
  setIn('due', 20 * hour)
  setIn('later', 30 * hour)
  clock.advance(hour)
  clock.jump(day)
  clock.advance(60_000)
  expect(rung).toEqual(['due'])
  clock.advance(5 * hour)
  expect(rung).toEqual(['due', 'later'])
  clock.advance(day)
  expect(rung).toEqual(['due', 'later'])
})

test.each([day, -day])(
  'after a jump of %i ms a retry does not wait for what was asked for before',
  (jump) => {
    const { clock, rung, setIn } = openAlarms()
    setIn('a', hour)
    clock.jump(jump)
    setIn('a', 20)
    clock.advance(20)
    expect(rung).toEqual(['a'])
  },
)

test('nobody looks at the clock while nothing waits', () => {
  const { clock, alarms, setIn } = openAlarms()
  setIn('a', 90_000)
  expect(clock.waiting()).toBe(2)
  clock.advance(180_000)
  expect(clock.waiting()).toBe(0)
  setIn('b', hour)
  alarms.cancelAll()
  expect(clock.waiting()).toBe(0)
})
