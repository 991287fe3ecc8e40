import {
  createKinds,
  environmentNames,
  findUnknownFields,
  type KubeObject,
  taskNamespace,
} from '@pulse/api'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { composedKinds } from './composed-kinds.ts'
import { isTrue } from './condition.ts'
import { afterPass, machine, merge, type World } from './scenario.suite.ts'
import { anyWorld, type Met } from './worlds.suite.ts'

const kinds = await createKinds()

/** Holds for every world that a composition may meet. */
function always(name: string, holds: (met: Met) => void) {
  test(name, () => fc.assert(fc.property(anyWorld, holds), { numRuns: 100 }), 60_000)
}

describe('every composition', () => {
  always('gives byte-equal output for equal input', ({ compose, world }) => {
    expect(JSON.stringify(compose(structuredClone(world)))).toBe(JSON.stringify(compose(world)))
  })

  always('comes to rest in a world that only obeys', ({ compose, world }) => {
    let now = world
    for (let pass = 0; pass < 4; pass++) now = afterPass(now, compose(now), {})
    const rest = compose(now)
    expect(compose(afterPass(now, rest, {}))).toEqual(rest)
  })

  always('asks for fewer than 30 objects', ({ compose, world }) => {
    expect(Object.keys(compose(world).objects).length).toBeLessThan(30)
  })

  always('labels every object', ({ compose, world }) => {
    for (const { metadata } of Object.values(compose(world).objects)) {
      expect(Object.keys(metadata.labels ?? {})).toContain('app.kubernetes.io/part-of')
    }
  })

  always('gives no two objects one name, and none of more than 63 bytes', (met) => {
    const objects = Object.values(met.compose(met.world).objects)
    const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)
    expect(new Set(names).size).toBe(names.length)
    for (const { metadata } of objects) expect(metadata.name.length).toBeLessThanOrEqual(63)
  })

  always('asks only for what the official schemas allow', ({ compose, world }) => {
    for (const object of Object.values(compose(world).objects)) {
      const kind = kinds.findKind(object.apiVersion, object.kind)
      expect({ object, causes: kind.validate(kind.setDefaults(object), undefined) }).toEqual({
        object,
        causes: [],
      })
      if (!kind.structural) expect(findUnknownFields(object, kind.schema)).toEqual([])
    }
  })

  always('names only kinds that are watched for it', ({ compose, world, name }) => {
    const { objects, requires } = compose(world)
    const watched = Object.entries(composedKinds).find(([key]) => key === name)?.[1] ?? []
    for (const { apiVersion, kind } of [...Object.values(objects), ...Object.values(requires)]) {
      expect(watched).toContainEqual({ apiVersion, kind })
    }
  })

  always('leaves the number of workers to others', ({ compose, world }) => {
    for (const { kind, spec } of Object.values(compose(world).objects)) {
      if (kind === 'Deployment') expect(spec).not.toHaveProperty('replicas')
    }
  })

  always('lets no Job vanish by itself', ({ compose, world }) => {
    for (const { kind, spec } of Object.values(compose(world).objects)) {
      if (kind === 'Job') expect(spec).not.toHaveProperty('ttlSecondsAfterFinished')
    }
  })

  always('never changes what cannot be changed', ({ compose, world }) => {
    for (const [key, object] of Object.entries(compose(world).objects)) {
      const before = world.observed[key]
      if (before === undefined || before.metadata.name !== object.metadata.name) continue
      const kind = kinds.findKind(object.apiVersion, object.kind)
      const stored = kind.setDefaults(before)
      const applied = kind.setDefaults(merge(stored, object) as KubeObject)
      expect(kind.validate(applied, stored)).toEqual([])
    }
  })

  always('re-emits a Job as it is observed, whatever the image is by now', ({ compose, world }) => {
    const images = { server: 'pulse:next', odoo: 'base-{major}:next' }
    const { objects } = compose({ ...world, parameters: { ...world.parameters, images } })
    for (const [key, job] of Object.entries(objects)) {
      const before = world.observed[key]
      if (job.kind === 'Job' && before !== undefined) expect(job.spec).toEqual(before.spec)
    }
  })

  always('keeps what it made when its record, its runtime or its pool is lost', (met) => {
    const { compose, world } = met
    const { status: _, ...resource } = world.resource
    const required = { ...world.required, ...(world.required.pool && { pool: [] }) }
    const majors: World['parameters']['majors'] = []
    const parameters = { ...world.parameters, majors }
    const { objects } = compose({ ...world, resource, required, parameters })
    const lost = Object.keys(world.observed).filter((key) => !(key in objects))
    expect(lost.filter((key) => !mayGo(world.observed[key]))).toEqual([])
  })
})

/** Only a Job, and only when it has ended. */
function mayGo(object: KubeObject | undefined): boolean {
  return object?.kind === 'Job' && (isTrue(object, 'Complete') || isTrue(object, 'Failed'))
}

describe('an environment', () => {
  always('asks for nothing in a namespace of its own before that is there', (met) => {
    if (met.name !== 'environment') return
    const fresh = { ...met.world, observed: {} }
    for (const { kind, metadata } of Object.values(met.compose(fresh).objects)) {
      if (fresh.resource.spec === undefined || kind === 'Namespace') continue
      const { namespace } = environmentNames(fresh.resource.spec as never, machine.domains)
      expect([taskNamespace, ...(namespace.startsWith('instance-') ? [] : [namespace])]).toContain(
        metadata.namespace,
      )
    }
  })

  always('is not touched when its client is gone', ({ compose, world, name }) => {
    if (name !== 'environment' || Object.keys(world.observed).length === 0) return
    const orphan = { ...world, required: { ...world.required, client: [] } }
    expect(() => compose(orphan)).toThrow('nothing was changed')
  })

  always('gives Kubernetes nothing to expand in what a customer wrote', ({ compose, world }) => {
    for (const { kind, spec } of Object.values(compose(world).objects)) {
      if (kind === 'Job') expect(JSON.stringify(spec)).not.toMatch(/(^|[^$])(\$\$)*\$\(/)
    }
  })
})
