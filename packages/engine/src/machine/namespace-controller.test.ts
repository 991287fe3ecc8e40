import { afterEach, beforeEach, expect, test } from 'vitest'
import { createWorld, namespacedKindsOf, quiet, until, type World } from '../world.suite.ts'
import { kinds } from './kinds.ts'
import { namespaceController } from './namespace-controller.ts'
import { uidAnnotation } from './namespace-uid.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
  const uids = { first: 200_000, count: 100 }
  const namespacedKinds = namespacedKindsOf(world)
  await world.run(namespaceController({ ...world, namespacedKinds, uids }))
})
afterEach(() => world.close())

test('many namespaces at once get a uid each, none twice, and keep it', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `instance-${index}`)
  await Promise.all(names.map((name) => world.apply({ ...kinds.namespace, metadata: { name } })))
  await until(async () => expect(new Set(await uids(names)).size).toBe(30))
  const given = await uids(names)
  expect(given).not.toContain(undefined)
  const [first = ''] = names
  await world.apply({ ...kinds.namespace, metadata: { name: first, labels: { touched: 'yes' } } })
  await quiet(world)
  expect(await uids(names)).toEqual(given)
})

test('a uid that the caller wrote is replaced by one of the range', async () => {
  const annotations = { [uidAnnotation]: '0' }
  await world.apply({ ...kinds.namespace, metadata: { name: 'root', annotations } })
  await until(async () => expect(Number((await uids(['root']))[0])).toBeGreaterThanOrEqual(200_000))
})

test('pods that go with their namespace have a minute to end, or less where they need less', async () => {
  await world.apply({ ...kinds.namespace, metadata: { name: 'acme' } })
  await until(async () => expect(await uids(['acme'])).not.toContain(undefined))
  const finalizers = ['test.pulse/alive']
  const graces = { report: 320, leaving: 320, quick: 5 }
  for (const [name, terminationGracePeriodSeconds] of Object.entries(graces)) {
    const metadata = { name, namespace: 'acme', finalizers }
    const containers = [{ name: 'main', image: 'base-18' }]
    await world.apply({
      ...kinds.pod,
      metadata,
      spec: { terminationGracePeriodSeconds, containers },
    })
  }
  const pod = (name: string) => ({ ...kinds.pod, namespace: 'acme', name })
  await world.objects.delete(pod('leaving'))
  await world.objects.delete({ ...kinds.namespace, name: 'acme' })
  const given = async (name: string) => (await world.get(pod(name))).metadata
  for (const name of ['report', 'leaving']) {
    await until(async () => expect((await given(name)).deletionGracePeriodSeconds).toBe(60))
  }
  // Zero leaves it to the pod.
  await until(async () => expect((await given('quick')).deletionGracePeriodSeconds).toBe(0))
  for (const name of Object.keys(graces)) {
    await world.patch(await world.get(pod(name)), { metadata: { finalizers: null } })
  }
})

function uids(names: readonly string[]) {
  return Promise.all(
    names.map(async (name) => {
      const { metadata } = await world.get({ ...kinds.namespace, name })
      return metadata.annotations?.[uidAnnotation]
    }),
  )
}
