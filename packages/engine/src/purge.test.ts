import type { Log } from '@pulse/api'
import { expect, test } from 'vitest'
import { createManualClock } from './manual-clock.ts'
import { runPurge, type Tombstone } from './purge.ts'
import { until } from './world.suite.ts'

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
}
const hour = 3_600_000

test('what has expired is dropped, what has not is kept until it has', async () => {
  const { dropped, clock, stop } = start([tombstone('old', 0), tombstone('young', 2 * hour)])
  await until(async () => expect(dropped).toEqual(['old']))
  clock.advance(hour)
  await turn()
  expect(dropped).toEqual(['old'])
  clock.advance(hour)
  await until(async () => expect(dropped).toEqual(['old', 'young']))
  await stop()
})

test('a failure keeps the tombstone and is tried again', async () => {
  const failing = [true, false]
  const { dropped, clock, stop, attempts } = start([tombstone('old', 0)], () => {
    if (failing.shift()) throw new Error('database is in use')
  })
  await until(async () => expect(attempts()).toBe(1))
  await turn()
  clock.advance(300_000)
  await until(async () => expect(dropped).toEqual(['old']))
  await stop()
})

test('what cannot be dropped holds up nothing behind it, however much that is', async () => {
  const stuck = Array.from({ length: 250 }, (_, index) => tombstone(`stuck-${index}`, -hour))
  const young = tombstone('young', hour)
  const kept = [...stuck, tombstone('old', 0), young]
  const { dropped, attempts, limits, clock, stop } = start(kept, ({ id }) => {
    if (id.startsWith('stuck')) throw new Error('database is in use')
  })
  await until(async () => expect(dropped).toEqual(['old']))
  expect(attempts()).toBe(251)
  expect(limits).toEqual([100, 200, 300])
  clock.advance(299_999)
  await turn()
  expect(attempts()).toBe(251)
  clock.advance(1)
  await until(async () => expect(attempts()).toBe(501))
  await stop()
})

function start(kept: Tombstone[], before: (tombstone: Tombstone) => void = () => {}) {
  const clock = createManualClock()
  const halt = new AbortController()
  const dropped: string[] = []
  const limits: number[] = []
  let attempts = 0
  const ended = runPurge({
    tombstones: {
      async next(limit) {
        limits.push(limit)
        return kept.slice(0, limit)
      },
      async drop(tombstone) {
        attempts += 1
        before(tombstone)
        kept.splice(kept.indexOf(tombstone), 1)
        dropped.push(tombstone.id)
      },
    },
    clock,
    log: silent,
    signal: halt.signal,
  })
  const stop = () => {
    halt.abort()
    return ended
  }
  return { dropped, limits, clock, stop, attempts: () => attempts }
}

function tombstone(id: string, inMilliseconds: number): Tombstone {
  return { id, expiresAt: new Date(Date.parse('2026-01-01T00:00:00Z') + inMilliseconds) }
}

/** All that is ready to run has run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
