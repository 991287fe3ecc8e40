import { expect, test } from 'vitest'
import { inTurn } from './in-turn.ts'

test('runs do not overlap, and one that fails stops no later one', async () => {
  const seen: string[] = []
  let count = 0
  const run = inTurn(async () => {
    count += 1
    const mine = count
    seen.push(`begin ${mine}`)
    await Promise.resolve()
    seen.push(`end ${mine}`)
    if (mine === 1) throw new Error('the first')
  })
  const [first, second] = await Promise.allSettled([run(), run()])
  expect(seen).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2'])
  expect(first.status).toBe('rejected')
  expect(second.status).toBe('fulfilled')
})
