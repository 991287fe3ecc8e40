import { editions, hostings, type KubeObject, odooMajors, resourceSizes, tiers } from '@pulse/api'
import fc from 'fast-check'
import { makePool } from './pool.ts'
import {
  afterPass,
  type Composer,
  composers,
  environmentOf,
  machine,
  merge,
  type Tree,
  templateOf,
  type World,
} from './scenario.suite.ts'

export interface Met {
  readonly world: World
  /** Name of the composition that meets it. */
  readonly name: string
  readonly compose: Composer
}

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
    isolation: fc.constantFrom('enforced', 'shared-user', 'no-firewall'),
    forkingNode: fc.constantFrom(undefined, 'pulse'),
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
export const anyWorld = fc
  .record({
    start: newWorld,
    luck: fc.array(fc.array(fc.nat({ max: 3 }), { minLength: 20, maxLength: 20 }), {
      maxLength: 5,
    }),
    lost: fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
  })
  .map(({ start, luck, lost }): Met => {
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
