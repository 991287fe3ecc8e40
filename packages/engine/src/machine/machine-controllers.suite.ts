import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { refOf } from '@pulse/api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { conditionsOf, statusOf } from '../conditions.ts'
import { isDeleting } from '../ownership.ts'
import { type CreateStore, namespacedKindsOf, quiet, until } from '../world.suite.ts'
import { kinds } from './kinds.ts'
import {
  claimOf,
  createMachineWorld,
  holdBack,
  letGo,
  type MachineWorld,
  makeDeployment,
  makeJob,
  makeRoute,
  makeService,
  place,
  podsIn,
} from './machine-world.suite.ts'
import { enforcementAnnotation } from './recorded-kinds-controller.ts'

/** What a machine does with Kubernetes' other kinds, on any store, and with all of them together. */
export function describeMachineControllers(name: string, createStore: CreateStore): void {
  describe(`machine controllers on ${name}`, () => {
    let world: MachineWorld

    beforeEach(async () => {
      world = await createMachineWorld(createStore)
    })
    afterEach(() => world.close())

    test('a claim gets its folder, and loses it only when nobody protects or uses it', async () => {
      const metadata = { name: 'filestore', ...place, finalizers: ['planapulse.com/protect'] }
      const ref = refOf(await world.apply({ ...claimOf(metadata) }))
      await until(async () =>
        expect(statusOf(await world.get(ref))).toMatchObject({ phase: 'Bound' }),
      )
      const folder = join(world.root, 'acme', 'filestore')
      expect((await stat(folder)).mode & 0o777).toBe(0o700)

      await world.objects.delete(ref)
      await quiet(world)
      expect((await stat(folder)).isDirectory()).toBe(true)
      await world.patch(await world.get(ref), {
        metadata: { finalizers: ['kubernetes.io/pvc-protection'] },
      })
      await until(async () => expect(await world.objects.get(ref)).toBeUndefined())
      await expect(stat(folder)).rejects.toThrow('ENOENT')
      // Nothing of the namespace stays behind with it.
      await expect(stat(join(world.root, 'acme'))).rejects.toThrow('ENOENT')
    })

    test('a namespace goes after all that is in it', async () => {
      await world.apply(makeDeployment('a'))
      await world.apply(claimOf({ name: 'filestore', ...place }))
      await until(async () => expect(await podsIn(world)).toHaveLength(1))
      const [pod] = await podsIn(world)
      await holdBack(world, pod)
      const ref = { ...kinds.namespace, name: 'acme' }
      await world.objects.delete(ref)
      await until(async () =>
        expect(statusOf(await world.get(ref))).toMatchObject({ phase: 'Terminating' }),
      )
      await until(async () => expect((await podsIn(world)).every(isDeleting)).toBe(true))
      await quiet(world)
      // Its folder may be in use as long as a process runs.
      expect(await world.objects.get({ ...kinds.claim, ...place, name: 'filestore' })).toBeDefined()
      await letGo(world, pod)
      await until(async () => expect(await world.objects.get(ref)).toBeUndefined())
      for (const kind of namespacedKindsOf(world)) {
        expect((await world.objects.list({ ...kind, ...place })).items).toEqual([])
      }
    })

    test('a route says whether its backend is there', async () => {
      const ref = refOf(await world.apply(makeRoute()))
      const resolved = async () => {
        const { parents } = statusOf(await world.get(ref))
        const [parent] = Array.isArray(parents) ? parents : []
        const route = { ...kinds.httpRoute, metadata: { name: 'r' }, status: parent }
        return conditionsOf(route).map(({ type, status, reason }) => `${type}=${status} ${reason}`)
      }
      await until(async () =>
        expect(await resolved()).toEqual([
          'Accepted=True Accepted',
          'ResolvedRefs=False BackendNotFound',
        ]),
      )
      await world.apply(makeService())
      await until(async () =>
        expect(await resolved()).toEqual([
          'Accepted=True Accepted',
          'ResolvedRefs=True ResolvedRefs',
        ]),
      )
    })

    test('what is only recorded says so', async () => {
      const policy = {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'deny', ...place },
        spec: { podSelector: {}, policyTypes: ['Ingress'] },
      }
      const ref = refOf(await world.apply(policy))
      await until(async () =>
        expect((await world.get(ref)).metadata.annotations?.[enforcementAnnotation]).toContain(
          'not enforced',
        ),
      )
    })

    test('when everything is as it should be, nothing is written', async () => {
      await world.apply(makeService())
      await world.apply(makeRoute())
      const claim = refOf(await world.apply(claimOf({ name: 'filestore', ...place })))
      await until(async () =>
        expect(statusOf(await world.get(claim))).toMatchObject({ phase: 'Bound' }),
      )
      await world.apply(makeJob('claim', 'succeed'))
      const ref = refOf(await world.apply(makeDeployment('a')))
      await until(async () =>
        expect(statusOf(await world.get(ref))).toMatchObject({ availableReplicas: 1 }),
      )
      await quiet(world)
      world.writes.length = 0
      for (const kind of [
        kinds.deployment,
        kinds.replicaSet,
        kinds.job,
        kinds.service,
        kinds.claim,
      ]) {
        const { items } = await world.objects.list({ ...kind, ...place })
        for (const item of items) await world.patch(item, { metadata: { labels: { seen: 'yes' } } })
      }
      await quiet(world)
      // A Service hands its labels on to its slice; nothing else is to be said.
      expect(world.writes).toEqual([expect.stringMatching(/^apply EndpointSlice/)])
    })
  })
}
