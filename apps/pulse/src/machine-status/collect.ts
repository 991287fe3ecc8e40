import { apiVersion, type KubeObject, recordOf, templateSnapshotName } from '@pulse/api'
import { forkedConditionOf } from '@pulse/compositions'
import type { Objects } from '@pulse/engine'
import type { Administration, LineState } from '@pulse/odoo'
import type { RoutingTable } from '../routing/routing-table.ts'
import { nodeName } from '../server/parameters.ts'
import type { Runtimes } from '../server/runtimes.ts'
import { readPostgresFacts } from './postgres-facts.ts'
import type { MachineStatus } from './schema.ts'
import { countTenants } from './tenant-counts.ts'
import { groupWaiting } from './waiting.ts'
import { groupWarnings } from './warnings.ts'

export interface StatusSources {
  readonly objects: Pick<Objects, 'get' | 'list'>
  readonly table: Pick<RoutingTable, 'all' | 'known'>
  readonly administration: Administration
  readonly runtimes: Pick<Runtimes, 'all'>
  /** Of the last round; empty before the first. */
  readonly standbys: () => readonly LineState[]
  readonly runningPods: () => number
  /** Full disks, rows of the store that hold no object: in words. */
  readonly troubles: () => readonly string[]
  readonly now: () => Date
}

/** A part that takes longer is left out. */
const partMs = 2_000
/** Of those that are not ready: enough to see what it is about. */
const unreadyRead = 200
const warningsRead = 500

/** One look at the whole machine. Whatever one part of it does, the others are told, and the work is bounded. */
export async function collectStatus(
  sources: StatusSources,
  signal: AbortSignal,
): Promise<MachineStatus> {
  const { objects, table, standbys, runningPods, now } = sources
  const limited = AbortSignal.any([signal, AbortSignal.timeout(partMs)])
  const problems: string[] = []
  const part = async <T>(name: string, otherwise: T, read: () => Promise<T>): Promise<T> => {
    try {
      return await Promise.race([read(), rejectedBy(limited)])
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
      return otherwise
    }
  }
  const { unready, ...counts } = await countTenants(table)
  const [clients, all, waiting, node, warnings, facts] = await Promise.all([
    part('tenants', counts.readyClients, () => countKind(objects, 'PLANAClient')),
    part('environments', counts.environments, () => countKind(objects, 'TenantEnvironment')),
    part('what waits', [], async () => groupWaiting(await readUnready(sources, unready))),
    part('machine', undefined, () =>
      objects.get({ apiVersion: 'v1', kind: 'Node', name: nodeName }),
    ),
    part('warnings', [], async () => groupWarnings(await readWarnings(objects), now())),
    part('PostgreSQL', {}, () => readPostgresFacts(sources.administration, limited)),
  ])
  return {
    ...counts,
    clients,
    environments: Math.max(all, counts.environments),
    deletingEnvironments: Math.max(0, all - counts.environments),
    runningPods: runningPods(),
    ...facts,
    waiting: [...waiting],
    waitingUnread: Math.max(0, unready.length - unreadyRead),
    standbys: standbys().map(({ line, ready, target, reason }) => ({
      template: templateSnapshotName(line.edition, line.major),
      ...{ hosting: line.hosting, ready, wanted: target, reason },
    })),
    runtimes: runtimesOf(sources, node),
    machine: conditionsOf(node).filter(({ type }) => enforced.includes(type)),
    warnings: [...warnings],
    problems: [...problems, ...few(sources.troubles())],
  }
}

/** Enough to see what it is about. */
const fewest = 5

function few(words: readonly string[]): readonly string[] {
  const more = words.length - fewest
  return more > 0 ? [...words.slice(0, fewest), `and ${more} more`] : words
}

const enforced = ['Isolated', 'ResourcesEnforced']

async function rejectedBy(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  const giveUp = () => reject(new Error('no answer in time'))
  if (signal.aborted) giveUp()
  signal.addEventListener('abort', giveUp, { once: true })
  return await promise
}

/** The number alone: the store counts, and sends one object. */
async function countKind(objects: Pick<Objects, 'list'>, kind: string): Promise<number> {
  const { items, remainingItemCount = 0 } = await objects.list({ apiVersion, kind, limit: 1 })
  return items.length + remainingItemCount
}

/** Environments and templates that are not ready, a bounded number of them. */
async function readUnready(
  { objects }: StatusSources,
  unready: readonly string[],
): Promise<readonly KubeObject[]> {
  const kind = 'TenantEnvironment'
  const environments: KubeObject[] = []
  for (const name of unready.slice(0, unreadyRead)) {
    const found = await objects.get({ apiVersion, kind, name })
    if (found !== undefined) environments.push(found)
  }
  const templates = await objects.list({ apiVersion, kind: 'TemplateSnapshot', limit: 100 })
  return [...environments, ...templates.items.filter((template) => !isReady(template))]
}

function isReady(object: KubeObject): boolean {
  return conditionsOf(object).some(({ type, status }) => type === 'Ready' && status === 'True')
}

async function readWarnings(objects: Pick<Objects, 'list'>): Promise<readonly KubeObject[]> {
  const event = { apiVersion: 'v1', kind: 'Event' }
  const query = { ...event, fieldSelector: 'type=Warning', limit: warningsRead }
  return (await objects.list(query)).items
}

function runtimesOf(
  { runtimes }: StatusSources,
  node: KubeObject | undefined,
): MachineStatus['runtimes'] {
  return runtimes.all().map(({ major, version, standIn }) => {
    const forked = conditionsOf(node).find(({ type }) => type === forkedConditionOf(major))
    const unknown =
      node === undefined ? 'unknown: the Node says nothing' : 'PLANA_FORKED_WORKERS is off'
    const message = forked === undefined ? unknown : (forked.message ?? forked.reason)
    const forks = forked?.status === 'True'
    return { major, version, standIn, forks, ...(!forks && { message }) }
  })
}

function conditionsOf(object: KubeObject | undefined): MachineStatus['machine'] {
  const { conditions } = recordOf(object?.status)
  return (Array.isArray(conditions) ? conditions : [])
    .map(recordOf)
    .map(({ type, status, reason, message }) => ({
      ...{ type: String(type), status: String(status), reason: String(reason ?? '') },
      ...(message !== undefined && { message: String(message) }),
    }))
}
