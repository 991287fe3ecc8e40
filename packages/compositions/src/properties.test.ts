import {
  createKinds,
  editions,
  environmentNames,
  hostings,
  type KubeObject,
  odooMajors,
  resourceSizes,
  taskNamespace,
  tiers,
} from '@pulse/api'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { composedKinds } from './composed-kinds.ts'
import { isTrue } from './condition.ts'
import { makePool } from './pool.ts'
import {
  afterPass,
  composers,
  environmentOf,
  machine,
  merge,
  type Tree,
  templateOf,
  type World,
} from './scenario.suite.ts'

const kinds = await createKinds()

const subdomain = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/)
const hostname = fc.stringMatching(/^[a-z]{1,20}\.[a-z]{1,10}\.example$/)
const moduleNames = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/), { maxLength: 4 })

const client = fc
  .record({
    subdomain,
    projectId: fc.nat(),
    tier: fc.constantFrom(...tiers),
    odooVersion: fc.constantFrom(...odooMajors),
    ownerEmail: fc.emailAddress(),
    ownerName: fc.string({ minLength: 1, maxLength: 128, unit: 'grapheme' }),
    hosting: fc.constantFrom(...hostings),
    resources: fc.constantFrom(...resourceSizes),
    sleep: fc.record({
      enabled: fc.boolean(),
      idleTimeout: fc.constant('15m'),
      wakeTimeout: fc.constant('5m'),
    }),
    aliases: fc.uniqueArray(hostname, { maxLength: 3 }),
    modules: moduleNames,
    settings: fc.constant({ language: 'bg_BG', timezone: 'Europe/Sofia', currency: 'EUR' }),
    status: fc.constantFrom('active', 'suspended', 'disabled'),
    deletionPolicy: fc.record({ retainDays: fc.integer({ min: 0, max: 365 }) }),
  })
  .map((spec): KubeObject => {
    const metadata = { name: spec.subdomain, uid: 'c', generation: 1 }
    return { apiVersion: 'planapulse.com/v1alpha1', kind: 'PLANAClient', metadata, spec }
  })

const environment = fc.record({
  name: fc.oneof(fc.constant('prod'), fc.stringMatching(/^[a-z][a-z0-9]{0,11}$/)),
  odooVersion: fc.constantFrom(...odooMajors),
  hosting: fc.constantFrom(...hostings),
  resources: fc.constantFrom(...resourceSizes),
  neutralise: fc.boolean(),
  source: fc.oneof(
    fc.record({ template: fc.record({ edition: fc.constantFrom(...editions) }) }),
    fc.constant({ environment: { name: 'other-prod' } }),
    fc.constant({ backup: { environment: 'other-prod', backup: 'latest' } }),
  ),
})

const template = fc.record({
  edition: fc.constantFrom(...editions),
  odooVersion: fc.constantFrom(...odooMajors),
  modules: moduleNames,
  source: fc.constantFrom({ dump: '/backup/a.dump' }, { install: {} }),
})

const parameters = fc
  .record({
    platform: fc.constantFrom('machine', 'kubernetes'),
    workers: fc.constantFrom('threaded', 'tier'),
    majors: fc.subarray([...odooMajors]),
    isolation: fc.constantFrom('enforced', 'shared-user'),
  })
  .map((some) => merge(machine, some) as World['parameters'])

/** Worlds in which nothing was made yet, one for each composition. */
const newWorld = fc.oneof(
  fc.record({ compose: fc.constant('client'), resource: client, parameters }),
  fc
    .record({ client, environment, parameters, hasPool: fc.boolean() })
    .map(({ client, environment, parameters, hasPool }) => ({
      compose: 'environment',
      resource: environmentOf(client, environment),
      required: { client: [client], pool: hasPool ? [pool()] : [] },
      parameters,
    })),
  fc
    .record({ major: fc.constantFrom(...odooMajors), parameters })
    .map(({ major, parameters }) => ({ compose: 'pool', resource: makePool(major), parameters })),
  fc.record({ template, parameters }).map(({ template, parameters }) => ({
    compose: 'template',
    resource: templateOf(template),
    parameters,
  })),
)

function pool(): KubeObject {
  const metadata = { name: 'worker-odoo', namespace: 'plana-odoo-18' }
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 1 } }
}

/** How a kind may answer to a pass: any of these, or nothing. */
const answers: Readonly<Record<string, readonly Tree[]>> = {
  Job: [
    { status: { active: 1 } },
    { status: { conditions: [{ type: 'Complete', status: 'True' }] } },
    { status: { conditions: [{ type: 'Failed', status: 'True', message: 'no' }] } },
  ],
  PersistentVolumeClaim: [{ status: { phase: 'Bound' } }],
  Deployment: [
    { spec: { replicas: 0 } },
    { spec: { replicas: 1 }, status: { readyReplicas: 1 } },
    { spec: { replicas: 1 }, status: { readyReplicas: 0 } },
  ],
  Secret: [{ data: { PGPASSWORD: 'c2VjcmV0' } }],
}

/** Any world that a composition may meet: some passes on, and with anything of it lost. */
const anyWorld = fc
  .record({
    start: newWorld,
    luck: fc.array(fc.array(fc.nat({ max: 3 }), { minLength: 20, maxLength: 20 }), {
      maxLength: 5,
    }),
    lost: fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
  })
  .map(({ start, luck, lost }) => {
    const compose = composerOf(start.compose)
    let world: World = { observed: {}, required: {}, ...start }
    for (const lots of luck) {
      const output = compose(world)
      world = afterPass(world, output, answered(output.objects, lots))
    }
    const kept = Object.entries(world.observed).filter((_, index) => lost[index] !== true)
    return { compose, name: start.compose, world: { ...world, observed: Object.fromEntries(kept) } }
  })

function answered(objects: Readonly<Record<string, KubeObject>>, lots: readonly number[]): Tree {
  const changes = Object.entries(objects).flatMap(([key, { kind }], index) => {
    const answer = answers[kind]?.[lots[index] ?? 0]
    return answer === undefined ? [] : [[key, answer] as const]
  })
  return Object.fromEntries(changes)
}

function composerOf(name: string) {
  const composer = composers[name]
  if (composer === undefined) throw new Error(`no composition is called ${name}`)
  return composer
}

type Met = { readonly world: World; readonly name: string } & {
  readonly compose: ReturnType<typeof composerOf>
}

/** Holds for every world that a composition may meet. */
function always(name: string, holds: (met: Met) => void) {
  test(name, () => fc.assert(fc.property(anyWorld, holds), { numRuns: 200 }))
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
