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

function start(kept: Tombstone[], before: () => void = () => {}) {
  const clock = createManualClock()
  const halt = new AbortController()
  const dropped: string[] = []
  let attempts = 0
  const ended = runPurge({
    tombstones: {
      next: async () => kept.slice(0, 1),
      async drop({ id }) {
        attempts += 1
        before()
        kept.shift()
        dropped.push(id)
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
  return { dropped, clock, stop, attempts: () => attempts }
}

function tombstone(id: string, inMilliseconds: number): Tombstone {
  return { id, expiresAt: new Date(Date.parse('2026-01-01T00:00:00Z') + inMilliseconds) }
}

/** All that is ready to run has run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
