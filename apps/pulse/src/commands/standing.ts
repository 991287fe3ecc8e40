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
import { readEnvironment } from '../routing/tenant-resources.ts'
import { findCondition } from './conditions.ts'
import type { Cluster } from './context.ts'

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
  if (routed === undefined) return undefined
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
  return {
    hosting: identity.hosting,
    odooVersion: identity.odooVersion,
    isPaused: status === 'suspended' || status === 'disabled' ? status : undefined,
    sleepEnabled: valueAt(owner, 'spec.sleep.enabled') !== false,
    awakeUntil: awakeUntil([environment, owner], now),
    wanted: workers === undefined ? 'up' : readLifeRecord(workers).state,
    processes: workers === undefined ? 0 : await countPods(cluster, workers),
    isServed: slices.items.some((slice) => backendsOf(slice).ready.length > 0),
    trouble,
    startsPlainly: whyPlainly(environment),
  }
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
