import { expect, test } from 'vitest'
import { backend, collect, createTestLives, mustGo } from './lives.suite.ts'
import type { Wanted } from './turn.ts'

test('a request that comes back after it was refused keeps its first deadline', async () => {
  const { lives, clock, change } = createTestLives({ acme: { wakeTimeoutMs: 5_000 } })
  const wanted: Wanted = { bytes: 0, since: clock.now(), cause: 'request', onLeft: () => () => {} }
  const given = collect([Promise.resolve(lives.turn('acme', wanted))])
  await clock.advance(3_000)
  change('acme', { ready: [backend('p2')], isGone: false })
  await clock.advance(1_000)
  const go = mustGo(given[0])
  // It has crashed, and does not come up again in time.
  change('acme', { ready: [] })
  const again = collect([go.life.refuse(go, false, wanted)])
  await clock.advance(999)
  expect(again).toEqual([])
  await clock.advance(1)
  expect(again).toEqual([{ type: 'none', because: 'late' }])
  expect(lives.held).toBe(0)
})
