import { expect, test } from 'vitest'
import { inSlices } from './in-slices.ts'

test('others get their turns while many are looked at, and none is left out', async () => {
  let turns = 0
  let goesOn = true
  const other = () => {
    turns += 1
    if (goesOn) setImmediate(other)
  }
  setImmediate(other)
  const seen: number[] = []
  const all = Array.from({ length: 2_000 }, (_, index) => index)
  for await (const one of inSlices(all)) seen.push(one)
  goesOn = false
  expect(seen).toEqual(all)
  expect(turns).toBeGreaterThanOrEqual(4)
})
