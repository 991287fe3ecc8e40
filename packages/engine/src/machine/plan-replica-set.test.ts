import { describe, expect, test } from 'vitest'
import { makePod } from './create-pods.ts'
import type { Pod, ReplicaSet } from './kinds.ts'
import { planReplicaSet } from './plan-replica-set.ts'
import { makePod as podSeen } from './pods.suite.ts'

const now = new Date('2026-01-01T01:00:00Z')

describe('replica set', () => {
  test('missing pods are made at once, one on its way out is replaced', () => {
    expect(plan(2, []).create).toBe(2)
    expect(plan(1, [podSeen('a', { deleting: true })]).create).toBe(1)
    expect(plan(0, []).create).toBe(0)
  })

  test('who serves least goes first: not running, not ready, youngest', () => {
    const pods = [
      podSeen('ready-old', { ready: true }),
      podSeen('ready-young', { ready: true, at: '2026-01-01T00:30:00Z' }),
      podSeen('running'),
      podSeen('pending', { phase: 'Pending' }),
    ]
    const removedFor = (replicas: number) =>
      plan(replicas, pods).remove.map(({ metadata }) => metadata.name)
    expect(removedFor(3)).toEqual(['pending'])
    expect(removedFor(2)).toEqual(['pending', 'running'])
    expect(removedFor(1)).toEqual(['pending', 'running', 'ready-young'])
  })

  test('a pod that ended is followed after a pause, and only the newest one is kept', () => {
    const old = podSeen('old', { phase: 'Failed', at: '2026-01-01T00:10:00Z' })
    const fresh = podSeen('fresh', { phase: 'Failed', at: '2026-01-01T00:59:58Z' })
    const early = plan(1, [fresh, old])
    expect(early).toMatchObject({ create: 0, nextPass: new Date('2026-01-01T01:00:03Z') })
    expect(early.remove.map(({ metadata }) => metadata.name)).toEqual(['old'])
    expect(plan(1, [old])).toMatchObject({ create: 1, remove: [] })
  })

  test('a pod is available after it was ready for long enough', () => {
    const pod = podSeen('a', { ready: true, at: '2026-01-01T00:59:50Z' })
    expect(plan(1, [pod]).status).toMatchObject({ readyReplicas: 1, availableReplicas: 1 })
    const slow = planReplicaSet({ replicaSet: makeSet(1, 30), pods: [pod], now })
    expect(slow.status).toMatchObject({ readyReplicas: 1, availableReplicas: 0 })
    expect(slow.nextPass).toEqual(new Date('2026-01-01T01:00:20Z'))
  })

  test('a set that is being deleted makes no pods', () => {
    const { metadata, ...set } = makeSet(1)
    const deleting = {
      ...set,
      metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
    }
    expect(planReplicaSet({ replicaSet: deleting, pods: [], now }).create).toBe(0)
  })

  test('two passes over one observation name the same pods, two observations never', () => {
    const owner = makeSet(2)
    const { template } = owner.spec
    const seen = [podSeen('a')]
    const names = (pods: readonly Pod[]) =>
      [0, 1].map(
        (slot) => makePod({ owner, template, seen: pods, count: 2 }, slot, 0).metadata.name,
      )
    expect(names(seen)).toEqual(names(seen))
    expect(new Set([...names(seen), ...names([])]).size).toBe(4)
  })

  test('a pod is named within 63 characters, however long its owner is called', () => {
    const { metadata, ...set } = makeSet(1)
    const owner = { ...set, metadata: { ...metadata, name: 'x'.repeat(200) } }
    const pod = makePod({ owner, template: set.spec.template, seen: [], count: 1 }, 0, 0)
    expect(pod.metadata.name).toHaveLength(63)
  })
})

function plan(replicas: number, pods: readonly Pod[]) {
  return planReplicaSet({ replicaSet: makeSet(replicas), pods, now })
}

function makeSet(replicas: number, minReadySeconds = 0): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'worker', namespace: 'acme', uid: 'uid-worker', generation: 1 },
    spec: {
      replicas,
      minReadySeconds,
      selector: { matchLabels: { app: 'odoo' } },
      template: { metadata: { labels: { app: 'odoo' } }, spec: { containers: [] } },
    },
  }
}
