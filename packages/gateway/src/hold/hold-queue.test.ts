import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createHoldQueue, type Held, type HoldQueue } from './hold-queue.ts'

const limits = { requestsPerEnvironment: 3, bytesPerEnvironment: 100, requests: 5, bytes: 150 }

const request = (environment: string, value: number, bytes = 0): Held<number> => ({
  environment,
  value,
  bytes,
  since: value,
})

const tryAdd = (queue: HoldQueue<number>, held: Held<number>) =>
  queue.refusal(held) ?? queue.add(held)

test('first in, first out, and what came back goes first', () => {
  const queue = createHoldQueue<number>(limits)
  const held = [1, 2, 3].map((value) => request('acme', value))
  for (const one of held) queue.add(one)
  const early = [queue.takeFirst('acme'), queue.takeFirst('acme')]
  for (const one of early) if (one) queue.putBack(one)
  expect(queue.takeAll('acme').map(({ value }) => value)).toEqual([1, 2, 3])
})

test('those that come back go in the order in which they came first, whenever they come back', () => {
  const queue = createHoldQueue<number>({ ...limits, requestsPerEnvironment: 9, requests: 9 })
  for (const value of [1, 2, 3, 4, 5, 6]) queue.add(request('acme', value))
  const [first, second, third, fourth] = [1, 2, 3, 4].map(() => queue.takeFirst('acme'))
  for (const one of [third, first, fourth, second]) if (one) queue.putBack(one)
  expect(queue.takeAll('acme').map(({ value }) => value)).toEqual([1, 2, 3, 4, 5, 6])
})

test('one environment fills its own line and leaves room for the others', () => {
  const queue = createHoldQueue<number>(limits)
  for (const value of [1, 2, 3]) expect(tryAdd(queue, request('acme', value))).toBeUndefined()
  expect(tryAdd(queue, request('acme', 4))).toBe('environment-full')
  expect(tryAdd(queue, request('other', 5))).toBeUndefined()
  expect(tryAdd(queue, request('other', 6))).toBeUndefined()
  expect(tryAdd(queue, request('third', 7))).toBe('full')
})

test('bodies are bounded for each and in all', () => {
  const queue = createHoldQueue<number>(limits)
  expect(tryAdd(queue, request('acme', 1, 100))).toBeUndefined()
  expect(tryAdd(queue, request('acme', 2, 1))).toBe('environment-full')
  expect(tryAdd(queue, request('other', 3, 51))).toBe('full')
  expect(tryAdd(queue, request('other', 4, 50))).toBeUndefined()
})

test('who has left is not found again, and what it held is free', () => {
  const queue = createHoldQueue<number>(limits)
  const [first, second] = [request('acme', 1, 90), request('acme', 2, 90)]
  queue.add(first)
  expect(queue.remove(first)).toBe(true)
  expect(queue.remove(first)).toBe(false)
  expect(tryAdd(queue, second)).toBeUndefined()
  expect(queue.takeFirst('acme')).toBe(second)
  expect(queue.takeFirst('acme')).toBeUndefined()
  expect(queue.size).toBe(0)
})

const step = fc.oneof(
  fc.record({
    do: fc.constant('add' as const),
    environment: fc.constantFrom('a', 'b', 'c'),
    bytes: fc.nat(60),
  }),
  fc.record({ do: fc.constant('take' as const), environment: fc.constantFrom('a', 'b', 'c') }),
  fc.record({ do: fc.constant('leave' as const), at: fc.nat(20) }),
)

test('whatever happens, each request is in exactly one place and no bound is passed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = createHoldQueue<number>(limits)
      let waiting: Held<number>[] = []
      for (const [index, one] of steps.entries()) {
        if (one.do === 'add') {
          const held = request(one.environment, index, one.bytes)
          if (tryAdd(queue, held) === undefined) waiting.push(held)
        } else if (one.do === 'take') {
          const expected = waiting.find(({ environment }) => environment === one.environment)
          expect(queue.takeFirst(one.environment)).toBe(expected)
          waiting = waiting.filter((held) => held !== expected)
        } else {
          const gone = waiting[one.at]
          if (gone !== undefined) expect(queue.remove(gone)).toBe(true)
          waiting = waiting.filter((held) => held !== gone)
        }
        const bytes = waiting.reduce((sum, held) => sum + held.bytes, 0)
        expect(queue.size).toBe(waiting.length)
        expect(waiting.length).toBeLessThanOrEqual(limits.requests)
        expect(bytes).toBeLessThanOrEqual(limits.bytes)
        for (const name of ['a', 'b', 'c']) {
          const ofOne = waiting.filter(({ environment }) => environment === name)
          expect(queue.count(name)).toBe(ofOne.length)
          expect(ofOne.length).toBeLessThanOrEqual(limits.requestsPerEnvironment)
        }
      }
    }),
  )
})
