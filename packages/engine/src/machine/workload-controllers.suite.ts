import { refOf } from '@pulse/api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { conditionsOf, isTrue, statusOf } from '../conditions.ts'
import { controllerOf, isDeleting } from '../ownership.ts'
import { type CreateStore, quiet, until } from '../world.suite.ts'
import { kinds } from './kinds.ts'
import {
  addressesIn,
  createMachineWorld,
  holdBack,
  imageOf,
  letGo,
  type MachineWorld,
  makeDeployment,
  makeJob,
  makeService,
  place,
  podsIn,
  scale,
  watchReady,
} from './machine-world.suite.ts'

/** What a machine does with Jobs and Deployments, on any store. */
export function describeWorkloadControllers(name: string, createStore: CreateStore): void {
  describe(`workload controllers on ${name}`, () => {
    let world: MachineWorld

    beforeEach(async () => {
      world = await createMachineWorld(createStore)
    })
    afterEach(() => world.close())

    test('a Job runs its pod, keeps it, and is complete', async () => {
      const ref = refOf(await world.apply(makeJob('claim', 'succeed')))
      await until(async () => expect(isTrue(await world.get(ref), 'Complete')).toBe(true))
      const pods = await podsIn(world)
      expect(pods).toHaveLength(1)
      expect(pods[0]?.metadata.labels).toMatchObject({ 'job-name': 'claim' })
      expect(statusOf(await world.get(ref))).toMatchObject({ succeeded: 1, active: 0 })
    })

    test('a Job that fails is tried again as often as it may, and says the last words', async () => {
      const ref = refOf(await world.apply(makeJob('claim', 'fail')))
      await until(async () => expect(isTrue(await world.get(ref), 'Failed')).toBe(true))
      const failed = conditionsOf(await world.get(ref)).find(({ type }) => type === 'Failed')
      expect(failed).toMatchObject({
        reason: 'BackoffLimitExceeded',
        message: 'Job has reached the specified backoff limit: no space left',
      })
      expect(await podsIn(world)).toHaveLength(3)
    })

    test('a Deployment becomes pods, and a Service their addresses', async () => {
      await world.apply(makeService())
      const ref = refOf(await world.apply(makeDeployment('a', { replicas: 2 })))
      await until(async () =>
        expect(statusOf(await world.get(ref))).toMatchObject({
          availableReplicas: 2,
          updatedReplicas: 2,
          observedGeneration: 1,
        }),
      )
      await until(async () => expect(await addressesIn(world)).toHaveLength(2))
      expect(isTrue(await world.get(ref), 'Available')).toBe(true)
    })

    test('a new template rolls out without a gap, and the history is kept', async () => {
      const ref = refOf(await world.apply(makeDeployment('a', { replicas: 2 })))
      await until(async () =>
        expect(statusOf(await world.get(ref))).toMatchObject({ availableReplicas: 2 }),
      )
      const counts = watchReady(world)
      await world.apply(makeDeployment('b', { replicas: 2 }))
      await until(async () => {
        const images = (await podsIn(world)).map(imageOf)
        expect(images).toEqual(['b', 'b'])
        expect(statusOf(await world.get(ref))).toMatchObject({ updatedReplicas: 2, replicas: 2 })
      })
      expect(Math.min(...(await counts()))).toBeGreaterThanOrEqual(2)
      const sets = await world.objects.list({ ...kinds.replicaSet, ...place })
      expect(sets.items).toHaveLength(2)
      expect((await world.get(ref)).metadata.annotations).toMatchObject({
        'deployment.kubernetes.io/revision': '2',
      })
    })

    test('Recreate never has two templates at work', async () => {
      const strategy = { type: 'Recreate' }
      const ref = refOf(await world.apply(makeDeployment('a', { strategy })))
      await until(async () =>
        expect(statusOf(await world.get(ref))).toMatchObject({ availableReplicas: 1 }),
      )
      const seen: string[] = []
      const [old] = await podsIn(world)
      await holdBack(world, old)
      await world.apply(makeDeployment('b', { strategy }))
      await until(async () => expect((await podsIn(world)).every(isDeleting)).toBe(true))
      await quiet(world)
      seen.push(...(await podsIn(world)).map(imageOf))
      expect(seen).toEqual(['a'])
      await letGo(world, old)
      await until(async () => expect((await podsIn(world)).map(imageOf)).toEqual(['b']))
    })

    test('scaled to nothing and back, without a new template', async () => {
      const ref = refOf(await world.apply(makeDeployment('a')))
      await until(async () => expect(await podsIn(world)).toHaveLength(1))
      await scale(world, 0)
      await until(async () => expect(await podsIn(world)).toHaveLength(0))
      await until(async () => expect(statusOf(await world.get(ref))).toMatchObject({ replicas: 0 }))
      await scale(world, 1)
      await until(async () => expect(await podsIn(world)).toHaveLength(1))
      const sets = await world.objects.list({ ...kinds.replicaSet, ...place })
      expect(sets.items).toHaveLength(1)
    })

    test('a change of a pod that says nothing new to them makes no controller look', async () => {
      await world.apply(makeService())
      await world.apply(makeDeployment('a'))
      await until(async () => expect(await addressesIn(world)).toHaveLength(1))
      await quiet(world)
      const [pod] = await podsIn(world)
      if (!pod) throw new Error('there is no pod')
      const before = world.calls()
      const say = (status: unknown) =>
        world.objects.patch(
          refOf(pod),
          { type: 'merge', patch: { status } },
          { fieldManager: 'test', subresource: 'status' },
        )
      await say({ message: 'busy' })
      await quiet(world)
      // The test's own write, and who plays the pod runner.
      expect(world.calls() - before).toBe(2)
      await say({ podIP: '127.64.1.99' })
      await until(async () => expect(await addressesIn(world)).toEqual(['127.64.1.99']))
    })

    test('a deleted pod is replaced, and never by two', async () => {
      await world.apply(makeDeployment('a'))
      await until(async () => expect(await podsIn(world)).toHaveLength(1))
      for (let round = 0; round < 5; round += 1) {
        const [pod] = await podsIn(world)
        if (pod) await world.objects.delete(refOf(pod))
        await until(async () => {
          const pods = await podsIn(world)
          expect(pods).toHaveLength(1)
          expect(pods[0]?.metadata.uid).not.toBe(pod?.metadata.uid)
        })
      }
      await quiet(world)
      expect(await podsIn(world)).toHaveLength(1)
    })

    test('a pod whose label is changed is let go and replaced, one that fits is taken in', async () => {
      await world.apply(makeDeployment('a'))
      await until(async () => expect(await podsIn(world)).toHaveLength(1))
      const [pod] = await podsIn(world)
      if (!pod) throw new Error('no pod')
      const labels = { app: 'quarantined' }
      await world.patch(pod, { metadata: { labels } })
      await until(async () => expect(await podsIn(world)).toHaveLength(2))
      expect(controllerOf(await world.get(refOf(pod)))).toBeUndefined()
      await world.patch(pod, { metadata: { labels: { app: 'odoo' } } })
      await until(async () => {
        const left = await podsIn(world)
        expect(left).toHaveLength(1)
        expect(left.every((one) => controllerOf(one)?.kind === 'ReplicaSet')).toBe(true)
      })
    })

    test('created and deleted in one breath leaves nothing running', async () => {
      for (let round = 0; round < 10; round += 1) {
        await world.apply(makeDeployment(`v${round}`))
        await world.objects.delete(refOf(makeDeployment('any')))
      }
      await quiet(world)
      const sets = await world.objects.list({ ...kinds.replicaSet, ...place })
      for (const set of sets.items) await world.objects.delete(refOf(set))
      for (const pod of await podsIn(world)) await world.objects.delete(refOf(pod))
      await quiet(world)
      expect(await podsIn(world)).toEqual([])
    })
  })
}
