import {
  apiVersion,
  askAnnotations,
  hasReason,
  type KubeObject,
  recordOf,
  taskNamespace,
} from '@pulse/api'
import { findCondition } from '../../commands/conditions.ts'
import { findEnvironment, readStanding } from '../../commands/standing.ts'
import { clientRef, environmentRef, tenant } from '../tenants-under-test.suite.ts'
import { tombstoneOf } from './database-facts.suite.ts'
import type { Machine } from './machine.suite.ts'

/** What somebody wants of a Pulse; asked again whenever no answer came, as every client does. */
export interface Wish {
  ask(machine: Machine, name: string): Promise<unknown>
  /** Whether it has come true, as far as who asked can see. */
  hasCome(machine: Machine, name: string): Promise<boolean>
}

export interface Scenario {
  readonly name: string
  /** Whether a tenant is made for it alone, and taken away after it. */
  readonly ownTenant: boolean
  /** Nothing happens in it but what always happens. */
  readonly isIdle?: boolean
  readonly before: readonly Wish[]
  /** On the way to this one somebody is killed. */
  readonly wish: Wish
  /** Brings back what was before; the tenant's own end comes by itself. */
  readonly undo: readonly Wish[]
}

const patch = (change: object) => (machine: Machine, name: string) =>
  machine
    .objects()
    .patch(clientRef(name), { type: 'merge', patch: change }, { fieldManager: 'test' })

const annotate =
  (annotation: string): Wish['ask'] =>
  (machine, name) =>
    machine.objects().patch(
      environmentRef(name),
      {
        type: 'merge',
        patch: { metadata: { annotations: { [annotation]: new Date().toISOString() } } },
      },
      { fieldManager: 'test' },
    )

async function isReady({ objects }: Machine, name: string): Promise<boolean> {
  const found = await objects().get(clientRef(name))
  return found !== undefined && findCondition(found, 'Ready')?.status === 'True'
}

const routeSays =
  (reason: string): Wish['hasCome'] =>
  async ({ objects }, name) => {
    const found = await objects().get(environmentRef(name))
    return found !== undefined && findCondition(found, 'RouteReady')?.reason === reason
  }

const stands =
  (wanted: 'up' | 'down'): Wish['hasCome'] =>
  async ({ objects }, name) => {
    const found = await findEnvironment(objects(), name)
    const standing = await readStanding(objects(), found, Date.now())
    if (standing?.wanted !== wanted) return false
    return wanted === 'up' ? standing.isServed : standing.processes === 0
  }

const create = (spec: Readonly<Record<string, unknown>>): Wish => ({
  ask: ({ objects }, name) =>
    objects().create(tenant(name, spec), { fieldManager: 'test' }).catch(unless('AlreadyExists')),
  hasCome: isReady,
})

const remove: Wish = {
  ask: ({ objects }, name) => objects().delete(clientRef(name)).catch(unless('NotFound')),
  async hasCome({ objects }, name) {
    const found = [clientRef(name), environmentRef(name)].map((ref) => objects().get(ref))
    return (await Promise.all(found)).every((one) => one === undefined)
  },
}

/** Whoever wants its data gone at once says so first. */
export const removeForGood: Wish = {
  ...remove,
  async ask(machine, name) {
    await patch({ spec: { deletionPolicy: { retainDays: 0 } } })(machine, name).catch(
      unless('NotFound'),
    )
    await remove.ask(machine, name)
  },
}

const suspend: Wish = {
  ask: patch({ spec: { status: 'suspended' } }),
  hasCome: async (...asked) => (await routeSays('Suspended')(...asked)) && stands('down')(...asked),
}
const resume: Wish = {
  ask: patch({ spec: { status: 'active' } }),
  hasCome: routeSays('Routed'),
}
const sleep: Wish = { ask: annotate(askAnnotations.sleepAt), hasCome: stands('down') }
const wake: Wish = { ask: annotate(askAnnotations.wakeAt), hasCome: stands('up') }

const aliases = (hosts: readonly string[]): Wish => ({
  ask: patch({ spec: { aliases: hosts } }),
  hasCome: isReady,
})

const template = { apiVersion, kind: 'TemplateSnapshot', name: 'pro-18' } as const
const modules = (names: readonly string[]): Wish => ({
  ask: ({ objects }) =>
    objects().patch(
      template,
      { type: 'merge', patch: { spec: { modules: names } } },
      { fieldManager: 'test' },
    ),
  async hasCome({ objects }) {
    const found = await objects().get(template)
    if (found === undefined || findCondition(found, 'Ready')?.status !== 'True') return false
    return isObserved(found)
  },
})

function isObserved({ metadata, status }: KubeObject): boolean {
  return recordOf(status).observedGeneration === metadata.generation
}

/** Killed while it starts, it is started again: who wants it up has not asked for more than that. */
const restart: Wish = {
  async ask(machine) {
    if (machine.isUp()) await machine.pulse().kill('SIGKILL')
    await machine.start()
  },
  hasCome: async (machine) => machine.isUp(),
}

/** Ended, nothing of it is left; and all comes back with the next start. */
const down: Wish = {
  async ask(machine) {
    const left = await machine.down()
    if (left.length > 0)
      machine.faults.push(...left.map((line) => `left after pulse down: ${line}`))
    await machine.pulse().exited
    await machine.start()
  },
  hasCome: isReady,
}

/** As Pulse has it done once the retention is over. */
const purge: Wish = {
  async ask({ stateDir, objects }, name) {
    const uid = await tombstoneOf(stateDir, name)
    if (uid === undefined) return
    const args = ['task', 'purge', `--environment-uid=${uid}`]
    const template = {
      restartPolicy: 'Never',
      serviceAccountName: 'pulse-task',
      containers: [{ name: 'task', image: 'pulse', args }],
    }
    const spec = { ttlSecondsAfterFinished: 600, backoffLimit: 4, template: { spec: template } }
    const metadata = { name: `purge-${uid}`, namespace: taskNamespace }
    await objects()
      .create({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec }, { fieldManager: 'test' })
      .catch(unless('AlreadyExists'))
  },
  hasCome: async ({ stateDir }, name) => (await tombstoneOf(stateDir, name)) === undefined,
}

const nothing: Wish = { ask: async () => undefined, hasCome: isReady }

const pool = { tier: 'starter' }
const instance = { tier: 'pro', hosting: 'instance' }
const kept = { deletionPolicy: { retainDays: 1 } }

const ofOwnTenant = { ownTenant: true, before: [], undo: [] }
const ofLodger = { ownTenant: false, before: [], undo: [] }

export const scenarios: readonly Scenario[] = [
  { ...ofOwnTenant, name: 'create in a pool', wish: create(pool) },
  { ...ofOwnTenant, name: 'create an instance', wish: create(instance) },
  { ...ofOwnTenant, name: 'delete from a pool', before: [create(pool)], wish: removeForGood },
  { ...ofOwnTenant, name: 'delete an instance', before: [create(instance)], wish: removeForGood },
  {
    ...ofOwnTenant,
    name: 'delete and keep',
    before: [create({ ...instance, ...kept })],
    wish: remove,
    undo: [purge],
  },
  {
    ...ofOwnTenant,
    name: 'purge',
    before: [create({ ...instance, ...kept }), remove],
    wish: purge,
  },
  { ...ofLodger, name: 'suspend', wish: suspend, undo: [resume, wake] },
  { ...ofLodger, name: 'resume', before: [suspend], wish: resume, undo: [wake] },
  { ...ofLodger, name: 'sleep', wish: sleep, undo: [wake] },
  { ...ofLodger, name: 'wake', before: [sleep], wish: wake },
  { ...ofLodger, name: 'aliases', wish: aliases(['shop.example.test']), undo: [aliases([])] },
  { ...ofLodger, name: 'template', wish: modules(['contacts']), undo: [modules([])] },
  { ...ofLodger, name: 'start', wish: restart },
  { ...ofLodger, name: 'down', wish: down },
  { ...ofLodger, name: 'rest', wish: nothing, isIdle: true },
]

/** The tenants that are always there: one that shares workers, one with its own. */
export const residents: readonly { readonly name: string; readonly wish: Wish }[] = [
  { name: 'kxsharer', wish: create(pool) },
  { name: 'kxlodger', wish: create(instance) },
]
export const lodger = 'kxlodger'

function unless(reason: 'AlreadyExists' | 'NotFound') {
  return (error: unknown) => {
    if (!hasReason(error, reason)) throw error
  }
}
