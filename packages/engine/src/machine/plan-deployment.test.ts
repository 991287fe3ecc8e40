import { describe, expect, test } from 'vitest'
import type { Deployment, ReplicaSet } from './kinds.ts'
import { hashLabel, planDeployment, revisionAnnotation } from './plan-deployment.ts'

const now = new Date('2026-01-01T01:00:00Z')
const nobody: ReadonlySet<string> = new Set()

describe('deployment', () => {
  test('a new Deployment gets its set, labelled with the hash of its template', () => {
    const { create, revision } = plan(makeDeployment({ image: 'a' }), [])
    const hash = create?.metadata.labels?.[hashLabel]
    expect(create?.metadata.name).toBe(`odoo-${hash}`)
    expect(create?.spec.replicas).toBe(1)
    expect(create?.spec.selector.matchLabels).toEqual({ app: 'odoo', [hashLabel]: hash })
    expect(create?.spec.template.metadata?.labels).toEqual({ app: 'odoo', [hashLabel]: hash })
    expect(revision?.value).toBe('1')
  })

  test('a changed template, a restart annotation too, makes a new set of the next revision', () => {
    const first = setOf(makeDeployment({ image: 'a' }), { available: 1 })
    for (const change of [{ image: 'b' }, { image: 'a', restartedAt: '2026-01-01T00:00:00Z' }]) {
      const { create, revision, scale } = plan(makeDeployment(change), [first])
      expect(create?.metadata.name).not.toBe(first.metadata.name)
      expect(revision?.value).toBe('2')
      expect(scale).toEqual([])
    }
  })

  test('going back to an earlier template takes its set up again, as the newest revision', () => {
    const first = setOf(makeDeployment({ image: 'a' }), { replicas: 0 })
    const second = setOf(makeDeployment({ image: 'b' }), { available: 1, revision: '2' })
    const { create, scale, revision } = plan(makeDeployment({ image: 'a' }), [first, second])
    expect(create).toBeUndefined()
    expect(scale).toEqual([{ replicaSet: first, replicas: 1 }])
    expect(revision).toEqual({ current: first, value: '3' })
  })

  test('Recreate starts nothing while a pod of the old template still runs, even on its way out', () => {
    const deployment = makeDeployment({ image: 'b', recreate: true })
    const first = setOf(makeDeployment({ image: 'a' }), { available: 1 })
    const going = plan(deployment, [first])
    expect(going).toMatchObject({ scale: [{ replicaSet: first, replicas: 0 }] })
    expect(going.create).toBeUndefined()

    const emptied = setOf(makeDeployment({ image: 'a' }), { replicas: 0 })
    expect(plan(deployment, [emptied], new Set(['uid-a'])).create).toBeUndefined()
    expect(plan(deployment, [emptied]).create?.spec.replicas).toBe(1)
  })

  test('Recreate wakes a sleeping worker although its last pod is still ending', () => {
    const deployment = makeDeployment({ image: 'a', recreate: true })
    const asleep = setOf(deployment, { replicas: 0 })
    const { scale } = plan(deployment, [asleep], new Set(['uid-a']))
    expect(scale).toEqual([{ replicaSet: asleep, replicas: 1 }])
  })

  test('no replicas means none, and the Deployment is as it should be', () => {
    const deployment = makeDeployment({ image: 'a', replicas: 0 })
    const running = setOf(deployment, { available: 1 })
    expect(plan(deployment, [running]).scale).toEqual([{ replicaSet: running, replicas: 0 }])
    const asleep = plan(deployment, [setOf(deployment, { replicas: 0 })])
    expect(asleep.scale).toEqual([])
    expect(saidOf(asleep.status)).toEqual([
      'Available=True MinimumReplicasAvailable',
      'Progressing=True NewReplicaSetAvailable',
    ])
  })

  test('a paused Deployment rolls nothing out, but scales', () => {
    const first = setOf(makeDeployment({ image: 'a' }), { available: 1 })
    const paused = makeDeployment({ image: 'b', paused: true, replicas: 2 })
    const { create, scale } = plan(paused, [first])
    expect(create).toBeUndefined()
    expect(scale).toEqual([{ replicaSet: first, replicas: 2 }])
  })

  test('a paused Deployment says so, and its rollout has its whole time again once it is resumed', () => {
    const first = setOf(makeDeployment({ image: 'a' }), { available: 1 })
    const paused = makeDeployment({ image: 'b', paused: true })
    const { status } = plan(paused, [first])
    expect(saidOf(status)).toContain('Progressing=Unknown DeploymentPaused')
    const later = new Date('2026-01-02T00:00:00Z')
    const stuck = setOf(makeDeployment({ image: 'b' }), { available: 0, revision: '2' })
    const resumed = { ...makeDeployment({ image: 'b' }), status }
    const after = plan(resumed, [first, stuck], nobody, later)
    expect(saidOf(after.status)).toContain('Progressing=True ReplicaSetUpdated')
    expect(after.nextPass).toEqual(new Date('2026-01-02T00:10:00Z'))
  })

  test('a deleted Deployment changes nothing any more', () => {
    const { metadata, ...rest } = makeDeployment({ image: 'b' })
    const deployment = {
      ...rest,
      metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
    }
    const first = setOf(makeDeployment({ image: 'a' }), { available: 1 })
    expect(plan(deployment, [first])).toMatchObject({ scale: [], remove: [] })
    expect(plan(deployment, [first]).create).toBeUndefined()
  })

  test('empty sets beyond the history limit go, oldest first, once the rollout is done', () => {
    const deployment = makeDeployment({ image: 'd', history: 1 })
    const old = ['a', 'b', 'c'].map((image, index) =>
      setOf(makeDeployment({ image }), { replicas: 0, revision: String(index + 1) }),
    )
    const current = setOf(deployment, { available: 1, revision: '4' })
    const { remove } = plan(deployment, [...old, current])
    expect(remove).toEqual(old.slice(0, 2))
    const notYet = setOf(deployment, { available: 0, revision: '4' })
    expect(plan(deployment, [...old, notYet]).remove).toEqual([])
  })

  test('a rollout that goes nowhere says so when its deadline has passed, not before', () => {
    const deployment = makeDeployment({ image: 'a' })
    const stuck = setOf(deployment, { available: 0 })
    const first = plan(deployment, [stuck], nobody, new Date('2026-01-01T00:00:00Z'))
    expect(first.nextPass).toEqual(new Date('2026-01-01T00:10:00Z'))
    const told = { ...deployment, status: first.status }
    const before = plan(told, [stuck], nobody, new Date('2026-01-01T00:09:59Z'))
    expect(before.status).toEqual(first.status)
    const after = plan(told, [stuck], nobody, new Date('2026-01-01T00:10:00Z'))
    expect(saidOf(after.status)).toContain('Progressing=False ProgressDeadlineExceeded')
    const again = plan({ ...deployment, status: after.status }, [stuck], nobody, now)
    expect(again.status).toEqual(after.status)
  })

  test('a worker that fails after its rollout is unavailable, not a failed rollout', () => {
    const deployment = makeDeployment({ image: 'a' })
    const { status } = plan(deployment, [setOf(deployment, { available: 1 })])
    const later = plan({ ...deployment, status }, [setOf(deployment, { available: 0 })])
    expect(saidOf(later.status)).toEqual([
      'Available=False MinimumReplicasUnavailable',
      'Progressing=True NewReplicaSetAvailable',
    ])
  })

  test('the same facts give the same status, to the byte', () => {
    const deployment = makeDeployment({ image: 'a' })
    const sets = [setOf(deployment, { available: 1 })]
    const { status } = plan(deployment, sets)
    expect(
      plan({ ...deployment, status }, sets, nobody, new Date('2027-01-01T00:00:00Z')).status,
    ).toEqual(status)
  })
})

interface Facts {
  readonly image: string
  readonly replicas?: number
  readonly recreate?: boolean
  readonly paused?: boolean
  readonly history?: number
  readonly restartedAt?: string
}

function makeDeployment({
  image,
  replicas = 1,
  recreate,
  paused,
  history,
  restartedAt,
}: Facts): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'odoo', namespace: 'acme', uid: 'uid-odoo', generation: 1 },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'odoo' } },
      ...(paused && { paused }),
      ...(recreate && { strategy: { type: 'Recreate' } }),
      ...(history !== undefined && { revisionHistoryLimit: history }),
      template: {
        metadata: { labels: { app: 'odoo' }, ...(restartedAt && { annotations: { restartedAt } }) },
        spec: { containers: [{ name: image }] },
      },
    },
  }
}

/** The set that the Deployment would have made, as it is now. */
function setOf(
  deployment: Deployment,
  facts: { readonly replicas?: number; readonly available?: number; readonly revision?: string },
): ReplicaSet {
  const { create } = plan({ ...deployment, spec: { ...deployment.spec, paused: false } }, [])
  if (!create) throw new Error('no set was planned')
  const { replicas = 1, available = 0, revision = '1' } = facts
  const [container] = deployment.spec.template.spec.containers
  return {
    ...create,
    metadata: {
      ...create.metadata,
      uid: `uid-${container?.name}`,
      annotations: { [revisionAnnotation]: revision },
    },
    spec: { ...create.spec, replicas },
    status: { replicas, readyReplicas: available, availableReplicas: available },
  }
}

function plan(
  deployment: Deployment,
  replicaSets: readonly ReplicaSet[],
  running = nobody,
  time = now,
) {
  return planDeployment({ deployment, replicaSets, running, now: time })
}

function saidOf({ conditions = [] }: NonNullable<Deployment['status']>): readonly string[] {
  return conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`)
}
