import { expect, test } from 'vitest'
import { createManualClock } from '../manual-clock.suite.ts'
import { createAttachQueue } from './attach-queue.ts'

function openQueue(limits: { readonly own: number; readonly all: number }) {
  const clock = createManualClock()
  const queue = createAttachQueue({
    clock,
    attachesPerSecondPerEnvironment: limits.own,
    attachesPerSecond: limits.all,
  })
  const served: string[] = []
  const enter = (environment: string, name = environment, isUrgent = false) =>
    queue.enter({ environment, isUrgent, delayMs: 0, run: () => served.push(name) })
  return { served, enter, pass: clock.advance }
}

test('an environment gets no more in a second than it can bear', async () => {
  const { served, enter, pass } = openQueue({ own: 10, all: 1_000 })
  for (let count = 0; count < 100; count += 1) enter('acme')
  await pass(0)
  expect(served).toHaveLength(10)
  await pass(1_000)
  expect(served).toHaveLength(20)
  await pass(8_000)
  expect(served).toHaveLength(100)
})

test('a crowd of one environment does not keep the others waiting', async () => {
  const { served, enter, pass } = openQueue({ own: 100, all: 10 })
  for (let count = 0; count < 1_000; count += 1) enter('crowd')
  for (let count = 0; count < 5; count += 1) enter('few')
  await pass(1_000)
  expect(served.filter((name) => name === 'few')).toHaveLength(5)
  expect(served).toHaveLength(20)
})

test('who waits for an answer goes before who only comes back', async () => {
  const { served, enter, pass } = openQueue({ own: 1, all: 100 })
  enter('acme', 'first')
  enter('acme', 'second')
  enter('acme', 'urgent', true)
  await pass(1_000)
  expect(served).toEqual(['first', 'urgent'])
})

test('who leaves loses nobody else a turn', async () => {
  const { served, enter, pass } = openQueue({ own: 1, all: 100 })
  enter('acme', 'first')
  const leave = enter('acme', 'second')
  enter('acme', 'third')
  leave()
  await pass(1_000)
  expect(served).toEqual(['first', 'third'])
})
