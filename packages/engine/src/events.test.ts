import { randomUUID } from 'node:crypto'
import { createKinds, type KubeObject } from '@pulse/api'
import { beforeEach, describe, expect, test } from 'vitest'
import { createEventRecorder, type EventRecorder } from './events.ts'
import { createManualClock, type ManualClock } from './manual-clock.ts'
import type { Objects } from './objects.ts'
import { silent } from './silent-log.suite.ts'
import { createMemoryObjects } from './store/memory.ts'

const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'pg', namespace: 'default', uid: 'u-1' },
}
const note = { type: 'Warning', reason: 'Failed', message: 'no space left' } as const

describe('events', () => {
  let objects: Objects
  let clock: ManualClock
  let events: EventRecorder
  beforeEach(async () => {
    const { findKind } = await createKinds()
    clock = createManualClock()
    objects = createMemoryObjects({ kinds: findKind, now: clock.now, newUid: () => randomUUID() })
    events = createEventRecorder({ objects, log: silent, clock, component: 'pulse-engine' })
  })

  test('the same event is counted, not repeated, also after a restart', async () => {
    await events.record(secret, note)
    clock.advance(5_000)
    const restarted = createEventRecorder({
      objects,
      log: silent,
      clock,
      component: 'pulse-engine',
    })
    await restarted.record(secret, note)
    expect(await all()).toMatchObject([
      {
        count: 2,
        firstTimestamp: '2026-01-01T00:00:00Z',
        lastTimestamp: '2026-01-01T00:00:05Z',
        involvedObject: { kind: 'Secret', name: 'pg', namespace: 'default', uid: 'u-1' },
      },
    ])
  })

  test('many different messages of one reason become one event', async () => {
    for (let number = 0; number < 20; number += 1) {
      await events.record(secret, { ...note, message: `attempt ${number}` })
    }
    const found = await all()
    expect(found).toHaveLength(11)
    expect(found.map(({ message }) => message)).toContain(
      '(combined from similar events): attempt 19',
    )
  })

  test('an object that keeps speaking is heard 25 times, then once in five minutes', async () => {
    for (let number = 0; number < 100; number += 1) await events.record(secret, note)
    expect(await all()).toMatchObject([{ count: 25 }])
    clock.advance(300_000)
    for (let number = 0; number < 10; number += 1) await events.record(secret, note)
    expect(await all()).toMatchObject([{ count: 26 }])
  })

  test('an event goes an hour after it was last seen', async () => {
    await events.record(secret, note)
    clock.advance(3_600_000)
    await events.record(secret, { ...note, reason: 'Later' })
    await events.expire()
    expect(await all()).toHaveLength(2)
    clock.advance(1_000)
    await events.expire()
    expect(await all()).toMatchObject([{ reason: 'Later' }])
  })

  test('an event that cannot be written fails nobody', async () => {
    const lost = { ...secret, metadata: { ...secret.metadata, namespace: 'gone' } }
    await events.record(lost, note)
    expect(await all()).toEqual([])
  })

  test('while the store is away, expiry says so and fails nobody', async () => {
    const warnings: object[] = []
    const away = { ...objects, list: () => Promise.reject(new Error('the store is away')) }
    const log = { ...silent, warn: (facts: object) => void warnings.push(facts) }
    const options = { objects: away, log, clock, component: 'pulse-engine' }
    await createEventRecorder(options).expire()
    expect(warnings).toMatchObject([{ err: { message: 'the store is away' } }])
  })

  async function all(): Promise<readonly KubeObject[]> {
    return (await objects.list({ apiVersion: 'v1', kind: 'Event' })).items
  }
})
