import { randomUUID } from 'node:crypto'
import { createKinds, type Log } from '@pulse/api'
import { expect, test } from 'vitest'
import { runControllers } from './controller.ts'
import { createManualClock } from './manual-clock.ts'
import { createMemoryObjects } from './store/memory.ts'
import { until } from './world.suite.ts'

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
}
const minute = 60_000
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']

test('a full resync is spread over hours: each object has its own time, and no two come together', async () => {
  const { findKind } = await createKinds()
  const clock = createManualClock()
  const objects = createMemoryObjects({ kinds: findKind, now: clock.now, newUid: randomUUID })
  for (const name of names) {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
    await objects.create(namespace, { fieldManager: 'test' })
  }
  const halt = new AbortController()
  const passes: string[] = []
  const jitter = names.map((_, index) => index / names.length)
  const running = await runControllers(
    [
      {
        name: 'looks',
        primary: { apiVersion: 'v1', kind: 'Namespace' },
        watches: [],
        async reconcile({ metadata: { name } }) {
          passes.push(name)
          return undefined
        },
      },
    ],
    {
      ...{ objects, clock, log: silent, signal: halt.signal, resyncHours: 6 },
      random: () => jitter.shift() ?? 0.99,
    },
  )
  await until(async () => expect(jitter).toEqual([]))
  expect(passes.toSorted()).toEqual(names)
  passes.length = 0

  // From half of the six hours on, one object every 36 minutes.
  clock.advance(180 * minute)
  for (const count of names.keys()) {
    await until(async () => expect(passes).toHaveLength(count + 1))
    clock.advance(36 * minute - 1)
    await turn()
    expect(passes).toHaveLength(count + 1)
    clock.advance(1)
  }
  await turn()
  expect(passes.toSorted()).toEqual(names)
  await running.stop()
  await objects.close()
})

test('after a pass an object rests from changes of what belongs to it, not from its own', async () => {
  const { findKind } = await createKinds()
  const clock = createManualClock()
  const objects = createMemoryObjects({ kinds: findKind, now: clock.now, newUid: randomUUID })
  const manager = { fieldManager: 'test' }
  const namespace = { apiVersion: 'v1', kind: 'Namespace' }
  const part = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'part', namespace: 'a' } }
  await objects.create({ ...namespace, metadata: { name: 'a' } }, manager)
  await objects.create(part, manager)
  const halt = new AbortController()
  let passes = 0
  let changes = 0
  const running = await runControllers(
    [
      {
        name: 'rests',
        primary: namespace,
        watches: [
          {
            ...{ apiVersion: 'v1', kind: 'ConfigMap' },
            concerns() {
              changes += 1
              return [{ ...namespace, name: 'a' }]
            },
          },
        ],
        async reconcile() {
          passes += 1
          return undefined
        },
        rest: () => 100,
      },
    ],
    { objects, clock, log: silent, signal: halt.signal, random: () => 0.5 },
  )
  await until(async () => expect(passes).toBe(1))
  const change = async (data: string) => {
    const before = changes
    await objects.apply({ ...part, data: { data } }, manager)
    await until(async () => expect(changes).toBe(before + 1))
    await turn()
  }
  await change('one')
  await change('two')
  expect(passes).toBe(1)
  clock.advance(100)
  await until(async () => expect(passes).toBe(2))
  await change('three')
  expect(passes).toBe(2)
  const labels = { touched: 'yes' }
  await objects.apply({ ...namespace, metadata: { name: 'a', labels } }, manager)
  await until(async () => expect(passes).toBe(3))
  await running.stop()
  await objects.close()
})

/** All that is ready to run has run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
