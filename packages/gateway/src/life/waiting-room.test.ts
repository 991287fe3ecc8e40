import { expect, test } from 'vitest'
import { defaultLifeLimits } from './life-limits.ts'
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

test('of one who finds the queue full nothing is kept, not even for a moment: a crowd costs no memory', async () => {
  const hold = { ...defaultLifeLimits.hold, requestsPerEnvironment: 1 }
  const { lives, clock } = createTestLives({ acme: {} }, { hold })
  let listeners = 0
  const wanted = (): Wanted => ({
    ...{ bytes: 0, since: clock.now(), cause: 'request' },
    onLeft() {
      listeners += 1
      return () => {}
    },
  })
  void lives.turn('acme', wanted())
  const refused = collect([Promise.resolve(lives.turn('acme', wanted()))])
  await clock.advance(0)
  expect(refused).toEqual([{ type: 'none', because: 'full' }])
  expect(listeners).toBe(1)
  expect(lives.held).toBe(1)
})
