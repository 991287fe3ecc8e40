import {
  apiVersion,
  askAnnotations,
  chosenPods,
  environmentNames,
  environmentsOfLabel,
  type KubeObject,
  machineDomains,
  recordOf,
  textAt,
  valueAt,
} from '@pulse/api'
import { CommandError } from '../exit.ts'
import { backendsOf } from '../routing/endpoint-slice.ts'
import { readLifeRecord } from '../routing/life-record.ts'
import { type RoutedEnvironment, readEnvironment } from '../routing/tenant-resources.ts'
import { findCondition, whyLost } from './conditions.ts'
import type { Cluster } from './context.ts'
import { mustBeName } from './must-be-name.ts'

type Reader = Pick<Cluster, 'get' | 'list'>

/** An environment and whose it is. */
export interface FoundEnvironment {
  /** Name of the TenantEnvironment. */
  readonly name: string
  readonly client: string
  readonly environment: KubeObject
}

/** The environment that a person means by the name of a client, of an environment, or by `CLIENT-ENVIRONMENT`. */
export async function findEnvironment(cluster: Reader, name: string): Promise<FoundEnvironment> {
  mustBeName(name)
  for (const resource of environmentsOfLabel(name)) {
    const environment = await cluster.get({
      apiVersion,
      kind: 'TenantEnvironment',
      name: resource,
    })
    const client = textAt(environment, 'spec.client')
    if (environment && client !== undefined) return { name: resource, client, environment }
  }
  throw new CommandError(`there is no tenant or environment "${name}"`)
}

/** How an environment is now, from what the store shows of its workers; the gateway alone knows more. */
export interface Standing {
  readonly hosting: 'pool' | 'instance'
  readonly odooVersion: string
  readonly isPaused: 'suspended' | 'disabled' | undefined
  readonly sleepEnabled: boolean
  /** Epoch milliseconds, in the future. */
  readonly awakeUntil: number | undefined
  /** What is agreed on: nothing is to run, or it is on the way there. */
  readonly wanted: 'up' | 'draining' | 'down'
  /** Pods that have not ended. */
  readonly processes: number
  /** A worker takes requests. */
  readonly isServed: boolean
  /** Why its workers do not come up. */
  readonly trouble: string | undefined
  /** Why nobody can open it until somebody does something about that: waking does not help. */
  readonly unusable: string | undefined
  /** What its making waits for; until then its pool may serve others. */
  readonly unmade: string | undefined
  /** Why its workers do not start as forks, where others do. */
  readonly startsPlainly: string | undefined
}

/** Reads it anew; undefined once the environment is gone. */
export async function readStanding(
  cluster: Reader,
  { name, client }: Pick<FoundEnvironment, 'name' | 'client'>,
  now: number,
): Promise<Standing | undefined> {
  const [environment, owner] = await Promise.all([
    cluster.get({ apiVersion, kind: 'TenantEnvironment', name }),
    cluster.get({ apiVersion, kind: 'PLANAClient', name: client }),
  ])
  const routed = environment && readEnvironment(environment)
  if (environment === undefined || routed === undefined) return undefined
  const { identity, trouble } = routed
  const { namespace, deployment, service } = environmentNames(identity, machineDomains)
  const [workers, slices] = await Promise.all([
    cluster.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: deployment }),
    cluster.list({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      namespace,
      labelSelector: `kubernetes.io/service-name=${service}`,
    }),
  ])
  const status = textAt(owner, 'spec.status')
  const isServed = slices.items.some((slice) => backendsOf(slice).ready.length > 0)
  const unusable = whyUnusable(environment, { ...routed, isServed })
  return {
    hosting: identity.hosting,
    odooVersion: identity.odooVersion,
    isPaused: status === 'suspended' || status === 'disabled' ? status : undefined,
    sleepEnabled: valueAt(owner, 'spec.sleep.enabled') !== false,
    awakeUntil: awakeUntil([environment, owner], now),
    wanted: workers === undefined ? 'up' : readLifeRecord(workers).state,
    processes: workers === undefined ? 0 : await countPods(cluster, workers),
    isServed,
    trouble,
    unusable,
    unmade: routed.state.phase === 'creating' ? whyNotReady(environment) : undefined,
    startsPlainly: whyPlainly(environment),
  }
}

function whyUnusable(
  environment: KubeObject,
  { state, isServed }: Pick<RoutedEnvironment, 'state'> & Pick<Standing, 'isServed'>,
): string | undefined {
  const lost = whyLost(environment)
  if (lost !== undefined) return lost
  if (state.phase === 'failed') return whyNotReady(environment)
  // Workers that run go on without the runtime that they were started from.
  const workers = findCondition(environment, 'WorkersReady')
  return workers?.reason === 'RuntimeMissing' && !isServed ? workers.message : undefined
}

function whyNotReady(environment: KubeObject): string {
  return findCondition(environment, 'Ready')?.message ?? 'it is not ready'
}

function whyPlainly(environment: KubeObject | undefined): string | undefined {
  const forked = findCondition(environment, 'Forked')
  return forked?.status === 'False' ? (forked.message ?? forked.reason) : undefined
}

/** What is asked of a client is asked of its prod; the later time counts here, whoever of both has it. */
function awakeUntil(objects: readonly (KubeObject | undefined)[], now: number): number | undefined {
  const times = objects.flatMap((object) => {
    const time = Date.parse(object?.metadata.annotations?.[askAnnotations.awakeUntil] ?? '')
    return time > now ? [time] : []
  })
  return times.length === 0 ? undefined : Math.max(...times)
}

async function countPods(cluster: Reader, workers: KubeObject): Promise<number> {
  const { items: pods } = await cluster.list(chosenPods(workers))
  return pods.filter(({ status }) => {
    const { phase } = recordOf(status)
    return phase !== 'Succeeded' && phase !== 'Failed'
  }).length
}
