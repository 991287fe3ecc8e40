import { expect, test } from 'vitest'
import { createRest, restMs } from './rest.ts'

function openRest() {
  let time = Date.UTC(2026, 0, 1)
  const rest = createRest({
    now: () => new Date(time),
    elapsed: () => time,
    after: () => () => undefined,
  })
  const pass = (milliseconds: number) => {
    time += milliseconds
  }
  return { rest, pass }
}

test('nothing has been claimed: no rest', () => {
  expect(openRest().rest.isOn()).toBe(false)
})

test('the new tenant has the machine for itself until the rest is over', () => {
  const { rest, pass } = openRest()
  rest.begin()
  expect(rest.isOn()).toBe(true)
  pass(restMs)
  expect(rest.isOn()).toBe(false)
})

test('each claim begins the rest again, but a stream of them cannot keep filling away', () => {
  const { rest, pass } = openRest()
  const seen = Array.from({ length: 12 }, () => {
    rest.begin()
    pass(restMs / 2)
    return rest.isOn()
  })
  expect(seen.slice(0, 7)).toEqual([true, true, true, true, true, true, true])
  expect(seen).toContain(false)
})
