import { expect, test } from 'vitest'
import { createManualClock } from '../../manual-clock.ts'
import { createGrace } from './grace.ts'

test('a later, shorter order hastens the end', () => {
  const clock = createManualClock()
  const { over, shorten } = createGrace(clock)
  shorten(30)
  clock.advance(1000)
  shorten(10)
  clock.advance(9999)
  expect(over.aborted).toBe(false)
  clock.advance(1)
  expect(over.aborted).toBe(true)
})

test('a later, longer order does not delay the end', () => {
  const clock = createManualClock()
  const { over, shorten } = createGrace(clock)
  shorten(10)
  clock.advance(5000)
  shorten(30)
  clock.advance(5000)
  expect(over.aborted).toBe(true)
})

test('a clock that is set changes nothing of which order is the shorter', () => {
  const clock = createManualClock()
  const [back, forward] = [createGrace(clock), createGrace(clock)]
  back.shorten(10)
  clock.jump(-86_400_000)
  back.shorten(30)
  forward.shorten(30)
  clock.jump(86_400_000)
  forward.shorten(10)
  clock.advance(9_999)
  expect([back.over.aborted, forward.over.aborted]).toEqual([false, false])
  clock.advance(1)
  expect([back.over.aborted, forward.over.aborted]).toEqual([true, true])
})

test('what has ended in time leaves no timer behind', () => {
  const clock = createManualClock()
  const grace = createGrace(clock)
  grace.shorten(10)
  grace[Symbol.dispose]()
  clock.advance(10_000)
  expect(grace.over.aborted).toBe(false)
})

test('no grace is over at once; without an order it never is', () => {
  const clock = createManualClock()
  const { over, shorten } = createGrace(clock)
  clock.advance(86_400_000)
  expect(over.aborted).toBe(false)
  shorten(0)
  expect(over.aborted).toBe(true)
})
