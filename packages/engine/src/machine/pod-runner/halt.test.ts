import { expect, test } from 'vitest'
import { createHalt, type HaltOrder } from './halt.ts'

test('each later order to end is told, so that a shorter grace can count', () => {
  const halt = createHalt()
  const told: HaltOrder[] = []
  halt.give({ type: 'end', graceSeconds: 30 })
  const off = halt.onOrder((order) => told.push(order))
  halt.give({ type: 'end', graceSeconds: 10 })
  off()
  halt.give({ type: 'end', graceSeconds: 1 })
  expect(told).toEqual([
    { type: 'end', graceSeconds: 30 },
    { type: 'end', graceSeconds: 10 },
  ])
})

test('a pod that is being ended is not left, and one that was left is not ended', () => {
  const ending = createHalt()
  ending.give({ type: 'end', graceSeconds: 30 })
  ending.give({ type: 'leave' })
  expect(ending.order()).toEqual({ type: 'end', graceSeconds: 30 })
  const leaving = createHalt()
  leaving.give({ type: 'leave' })
  leaving.give({ type: 'end', graceSeconds: 0 })
  expect(leaving.order()).toEqual({ type: 'leave' })
})
