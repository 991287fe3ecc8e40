import { expect, test } from 'vitest'
import { backendAt, routeTo } from './gateway-under-test.suite.ts'
import { createRoundRobin } from './round-robin.ts'

const [first, second] = [backendAt(1), backendAt(2)]

test('tenants who alternate each reach all of their backends', () => {
  const pick = createRoundRobin()
  const acme = routeTo('acme', [first, second])
  const beta = routeTo('beta', [first, second])
  const picked = [acme, beta, acme, beta].map((route) => pick(route)?.httpPort)
  expect(picked).toEqual([1, 1, 2, 2])
})

test('a backend that went gets nothing more', () => {
  const pick = createRoundRobin()
  pick(routeTo('acme', [first, second]))
  expect(pick(routeTo('acme', [first]))).toBe(first)
  expect(pick(routeTo('acme', []))).toBeUndefined()
})

test('turns are kept for so many environments and no more', () => {
  const pick = createRoundRobin(2)
  const turnOf = (label: string) => pick(routeTo(label, [first, second]))?.httpPort
  expect([turnOf('a'), turnOf('b'), turnOf('c')]).toEqual([1, 1, 1])
  expect([turnOf('c'), turnOf('a')]).toEqual([2, 1])
})
