import {
  apiVersion,
  type ComposeOutput,
  type KubeObject,
  machineDomains,
  type OdooMajor,
  type PLANAClient,
  type TemplateSnapshot,
  type TenantEnvironment,
} from '@pulse/api'
import { composeClient } from './client.ts'
import { composeEnvironment } from './environment.ts'
import { composeNothingYet } from './not-yet-carried-out.ts'
import type { Parameters } from './parameters.ts'
import { composePool, makePool } from './pool.ts'
import { composeTemplateSnapshot } from './template-snapshot.ts'

/** A plain record of anything, as YAML gives it. */
export type Tree = { readonly [field: string]: unknown }

export const machine: Parameters = {
  platform: 'machine',
  domains: machineDomains,
  address: { scheme: 'http', port: 8080 },
  images: { server: 'pulse', odoo: 'base-{major}' },
  majors: ['17', '18', '19'],
  workers: 'threaded',
  postgres: { host: '127.64.0.2', port: 5432, network: { cidr: '127.64.0.2/32' } },
  storage: { accessMode: 'ReadWriteMany' },
  gateway: {
    name: 'pulse',
    namespace: 'pulse-system',
    wakingService: 'localhost',
    callers: ['pulse-system'],
  },
  tasks: { serviceAccount: 'pulse-task' },
  isolation: 'enforced',
}

export interface World {
  readonly resource: KubeObject
  readonly observed: Readonly<Record<string, KubeObject>>
  readonly required: Readonly<Record<string, readonly KubeObject[]>>
  readonly parameters: Parameters
}

export type Composer = (world: World) => ComposeOutput

const now = '2026-11-21T15:00:00Z'

/** The composition of each kind, behind one signature. */
export const composers: Readonly<Record<string, Composer>> = {
  client: (world) => composeClient({ ...world, now, resource: as<PLANAClient>(world.resource) }),
  environment: (world) =>
    composeEnvironment({ ...world, now, resource: as<TenantEnvironment>(world.resource) }),
  pool: (world) => {
    const { odooVersion } = as<ReturnType<typeof makePool>>(world.resource).spec
    return composePool({ ...world, now, resource: makePool(odooVersion) })
  },
  template: (world) =>
    composeTemplateSnapshot({ ...world, now, resource: as<TemplateSnapshot>(world.resource) }),
  'nothing-yet': composeNothingYet,
}

/** Test data is trusted to be of the kind it says. */
function as<Kind extends KubeObject>(object: KubeObject): Kind {
  return object as Kind
}

/**
 * What the loop does after a pass: the objects come to be as composed, the status is written, and then the world moves
 * on by `changes` (merged into the object of that name, or of the one name that begins with it).
 */
export function afterPass(world: World, output: ComposeOutput, changes: Tree): World {
  const born = Object.entries(output.objects).map(([key, object]) => {
    return [key, merge(world.observed[key] ?? {}, object)] as const
  })
  const observed: Record<string, KubeObject> = Object.fromEntries(born) as never
  for (const [name, change] of Object.entries(changes)) {
    if (name === 'resource') continue
    const key = keyNamed(name, observed)
    observed[key] = merge(observed[key], change) as KubeObject
  }
  const status = { ...output.status, conditions: [readyOf(output), ...output.conditions] }
  const resource = merge({ ...world.resource, status }, changes.resource ?? {})
  return { ...world, observed, resource: as(resource as KubeObject) }
}

function readyOf({ ready }: ComposeOutput) {
  return ready.ready
    ? { type: 'Ready', status: 'True', reason: 'Available' }
    : { type: 'Ready', status: 'False', reason: ready.reason ?? 'Creating', message: ready.message }
}

function keyNamed(name: string, observed: Readonly<Record<string, unknown>>): string {
  if (name in observed) return name
  const keys = Object.keys(observed).filter((key) => key.startsWith(`${name}-`))
  const [key] = keys
  if (key === undefined || keys.length > 1) {
    throw new Error(`${name} names none or several of ${Object.keys(observed).join(', ')}`)
  }
  return key
}

/** Records merged field by field, everything else replaced; null takes away. */
export function merge(left: unknown, right: unknown): unknown {
  if (!isTree(left) || !isTree(right)) return right === undefined ? left : right
  const merged = Object.entries(right).map(([key, value]) => [key, merge(left[key], value)])
  const fields = Object.entries({ ...left, ...Object.fromEntries(merged) })
  return Object.fromEntries(fields.filter(([, value]) => value !== null))
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const uid = '22222222-2222-4222-8222-222222222222'

/** An environment as stored, of these few words. */
export function environmentOf(client: KubeObject, spec: unknown): KubeObject {
  const { subdomain, odooVersion } = client.spec as { subdomain: string; odooVersion: OdooMajor }
  const base = { client: subdomain, name: 'prod', odooVersion, neutralise: false }
  const whole = merge(base, spec) as TenantEnvironment['spec']
  return {
    apiVersion,
    kind: 'TenantEnvironment',
    metadata: { name: `${subdomain}-${whole.name}`, uid, generation: 1 },
    spec: whole,
  }
}

export function templateOf(spec: unknown): KubeObject {
  const metadata = { name: 'basic-18', uid, generation: 1 }
  return { apiVersion, kind: 'TemplateSnapshot', metadata, spec }
}

export function backup(): KubeObject {
  const metadata = { name: 'acme-now', uid, generation: 1 }
  const spec = { environment: 'acme-prod', kind: 'manual' }
  return { apiVersion, kind: 'EnvironmentBackup', metadata, spec }
}
