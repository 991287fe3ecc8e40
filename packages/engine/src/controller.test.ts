import { randomUUID } from 'node:crypto'
import { createKinds } from '@pulse/api'
import { expect, test } from 'vitest'
import { runControllers } from './controller.ts'
import { createEchoes } from './echoes.ts'
import { makeDeployment } from './machine/machine-world.suite.ts'
import { createManualClock } from './manual-clock.ts'
import { saveStatus } from './save-status.ts'
import { silent } from './silent-log.suite.ts'
import { createMemoryObjects } from './store/memory.ts'
import { until } from './world.suite.ts'

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
      random: () => 0.5,
    },
  )
  await until(async () => expect(passes.toSorted()).toEqual(names))
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
  // Six hours after its turn the first one has the next.
  await until(async () => expect(passes).toEqual([...names, 'a']))
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

test('what a pass has written itself brings no other; what anybody writes meanwhile does', async () => {
  const { findKind } = await createKinds()
  const clock = createManualClock()
  const objects = createMemoryObjects({ kinds: findKind, now: clock.now, newUid: randomUUID })
  const { apiVersion, kind, spec } = makeDeployment('a')
  const refTo = (name: string) => ({ apiVersion, kind, namespace: 'acme', name })
  const manager = { fieldManager: 'test' }
  await objects.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'acme' } }, manager)
  const create = (name: string) =>
    objects.create({ apiVersion, kind, metadata: { name, namespace: 'acme' }, spec }, manager)
  const echoes = createEchoes()
  const passes: string[] = []
  const halt = new AbortController()
  const running = await runControllers(
    [
      {
        name: 'says',
        primary: { apiVersion, kind },
        watches: [],
        async reconcile(object) {
          const { name, labels = {} } = object.metadata
          passes.push(name)
          if (name === 'meddled' && labels.by === undefined) {
            const patch = { metadata: { labels: { by: 'another' } } }
            await objects.patch(refTo(name), { type: 'merge', patch }, { fieldManager: 'another' })
          }
          const status = { replicas: labels.by === undefined ? 1 : 2 }
          await saveStatus(object, status, { objects, fieldManager: 'says', echoes })
          return undefined
        },
        isEcho: echoes.isEcho,
      },
    ],
    { objects, clock, log: silent, signal: halt.signal, random: () => 0.5 },
  )
  await create('alone')
  await until(async () => expect(passes).toEqual(['alone']))
  await create('meddled')
  await until(async () =>
    expect(await objects.get(refTo('meddled'))).toMatchObject({ status: { replicas: 2 } }),
  )
  // Changes of one kind are told in their order: whatever was to follow from those before has followed.
  await create('last')
  await until(async () => expect(passes).toContain('last'))
  await turn()
  expect(passes.filter((name) => name === 'alone')).toHaveLength(1)
  await running.stop()
  await objects.close()
})

/** All that is ready to run has run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
