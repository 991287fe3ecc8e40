import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ReplicaSet } from './kinds.ts'
import { fenceposts, type Rollout, replicasOf, scaleDown, scaleUp } from './rolling-update.ts'

describe('rolling update', () => {
  test.each([
    [1, '25%', '25%', 1, 0],
    [4, '25%', '25%', 1, 1],
    [10, '25%', '25%', 3, 2],
    [3, 0, 0, 0, 1],
    [2, 1, 0, 1, 0],
    [2, '100%', 5, 2, 2],
  ])(
    'of %d replicas, surge %s and unavailable %s are %d and %d',
    (replicas, surge, unavailable, up, down) => {
      const limits = fenceposts(replicas, { maxSurge: surge, maxUnavailable: unavailable })
      expect(limits).toEqual({ maxSurge: up, maxUnavailable: down })
    },
  )

  test('a single worker is replaced without a gap: the old one goes when the new one serves', () => {
    const old = makeSet('old', 1, 1)
    const limits = { replicas: 1, maxSurge: 1, maxUnavailable: 0 }
    expect(scaleUp({ ...limits, current: undefined, old: [old] })).toBe(1)
    const starting = { ...limits, current: makeSet('new', 1, 0), old: [old] }
    expect(scaleDown(starting)).toEqual([])
    const serving = { ...limits, current: makeSet('new', 1, 1), old: [old] }
    expect(scaleDown(serving)).toEqual([{ replicaSet: old, replicas: 0 }])
  })

  test('old workers that do not serve make room first', () => {
    const broken = makeSet('broken', 2, 0)
    const good = makeSet('good', 2, 2)
    const rollout = { replicas: 3, maxSurge: 1, maxUnavailable: 1, old: [good, broken] }
    const plan = scaleDown({ ...rollout, current: undefined })
    expect(plan).toContainEqual({ replicaSet: broken, replicas: 0 })
    expect(plan).not.toContainEqual(expect.objectContaining({ replicaSet: good, replicas: 0 }))
  })

  test('whatever comes up when, too few never serve, there are never too many, and it ends', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: 0, max: 4 }),
        fc.integer({ min: 0, max: 8 }),
        fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 0, maxLength: 60 }),
        (replicas, surge, unavailable, luck) => {
          const limits = fenceposts(replicas, { maxSurge: surge, maxUnavailable: unavailable })
          const fewest = replicas - limits.maxUnavailable
          const most = replicas + limits.maxSurge
          let old = [makeSet('old', replicas, replicas)]
          let current = makeSet('new', 0, 0)
          for (const chance of [...luck, ...Array.from({ length: 40 }, () => 0)]) {
            const rollout: Rollout = { current, old, replicas, ...limits }
            const wanted = scaleUp(rollout)
            if (wanted === replicasOf(current)) {
              const down = scaleDown(rollout)
              old = old.map((set) => {
                const scaling = down.find(({ replicaSet }) => replicaSet === set)
                // The status follows later, or never: the plan may not count on it.
                return scaling
                  ? makeSet('old', scaling.replicas, chance % 2 ? replicas : scaling.replicas)
                  : set
              })
            }
            const has = wanted
            const serving = chance % 3 === 0 ? has : Math.min(has, replicasAvailable(current))
            current = makeSet('new', has, serving)

            const all = [...old, current]
            const total = all.reduce((n, set) => n + replicasOf(set), 0)
            const available = all.reduce(
              (n, set) => n + Math.min(replicasOf(set), replicasAvailable(set)),
              0,
            )
            expect(total).toBeLessThanOrEqual(most)
            expect(available).toBeGreaterThanOrEqual(fewest)
          }
          expect(replicasOf(current)).toBe(replicas)
          expect(old.map(replicasOf)).toEqual([0])
        },
      ),
    )
  })
})

function makeSet(name: string, replicas: number, availableReplicas: number): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, namespace: 'acme' },
    spec: { replicas, selector: {}, template: { spec: { containers: [] } } },
    status: { replicas, availableReplicas },
  }
}

function replicasAvailable({ status }: ReplicaSet): number {
  return status?.availableReplicas ?? 0
}
