import { expect, test } from 'vitest'
import { createGate } from './gate.ts'

test('a seal holds at once, and is drained when the last request leaves', async () => {
  const gate = createGate()
  expect(gate.enter()).toBe(true)
  expect(gate.enter()).toBe(true)
  const [first, second] = [gate.seal(10_000), gate.seal(10_000)]
  expect(gate.isSealed()).toBe(true)
  expect(gate.enter()).toBe(false)
  gate.leave()
  gate.leave()
  expect(await Promise.all([first, second])).toEqual([true, true])
  expect(await gate.seal(0)).toBe(true)
})

test('a seal that waits in vain says so, and holds', async () => {
  const gate = createGate()
  gate.enter()
  expect(await gate.seal(1)).toBe(false)
  expect(gate.enter()).toBe(false)
})
