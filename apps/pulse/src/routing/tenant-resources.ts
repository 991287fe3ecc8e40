import { type EnvironmentIdentity, hostings, type KubeObject, odooMajors } from '@pulse/api'
import type { RouteState } from '@pulse/gateway'
import Type from 'typebox'
import { Value } from 'typebox/value'

const literals = <T extends string>(values: readonly T[]) =>
  Type.Union(values.map((value) => Type.Literal(value)))

/** What routing reads of a TenantEnvironment; `odooVersion` in the status is what serves now, mid-upgrade too. */
const environmentSchema = Type.Object({
  spec: Type.Object({
    client: Type.String(),
    name: Type.String(),
    odooVersion: literals(odooMajors),
    hosting: literals(hostings),
  }),
  status: Type.Optional(
    Type.Object({
      odooVersion: Type.Optional(literals(odooMajors)),
      conditions: Type.Optional(
        Type.Array(
          Type.Object({
            type: Type.String(),
            status: Type.String(),
            reason: Type.String(),
            lastTransitionTime: Type.Optional(Type.String()),
          }),
        ),
      ),
    }),
  ),
})

const clientSchema = Type.Object({
  spec: Type.Object({
    ownerName: Type.String(),
    aliases: Type.Optional(Type.Array(Type.String())),
    status: Type.Optional(Type.String()),
  }),
})

interface Condition {
  readonly status: string
  readonly reason: string
  readonly lastTransitionTime?: string
}

export interface RoutedEnvironment {
  readonly identity: EnvironmentIdentity
  readonly state: RouteState
}

/** An environment as routing sees it; undefined for one that is on its way out. */
export function readEnvironment(object: KubeObject): RoutedEnvironment | undefined {
  if (object.metadata.deletionTimestamp !== undefined) return undefined
  if (!Value.Check(environmentSchema, object)) return undefined
  const { spec, status } = object
  const find = (wanted: string) => status?.conditions?.find(({ type }) => type === wanted)
  return {
    identity: { ...spec, odooVersion: status?.odooVersion ?? spec.odooVersion },
    state: stateOf(find('DatabaseReady'), find('WorkersReady')),
  }
}

/** Without an operator nothing comes of these. */
const stuckReasons = ['ClaimFailed', 'RuntimeMissing']

/**
 * Served as soon as its database stands: whether a worker is ready, the EndpointSlices tell. Why a claim is tried again
 * or has failed stays in the resource: it is written for operators.
 */
function stateOf(database: Condition | undefined, workers: Condition | undefined): RouteState {
  if (database?.status !== 'True') {
    return { phase: stuckReasons.includes(database?.reason ?? '') ? 'failed' : 'creating' }
  }
  if (workers?.reason === 'MadeByStandIn') return { phase: 'failed' }
  return hasNeverWorked(database, workers)
    ? { phase: 'serving', isNew: true }
    : { phase: 'serving' }
}

/** Workers that have been amiss since before the database stood have never been ready. */
function hasNeverWorked(database: Condition, workers: Condition | undefined): boolean {
  if (workers?.status !== 'False' || !['Starting', 'Waiting'].includes(workers.reason)) return false
  const { lastTransitionTime: since } = workers
  const { lastTransitionTime: stands } = database
  return since !== undefined && stands !== undefined && Date.parse(since) <= Date.parse(stands)
}

export interface RoutedClient {
  readonly displayName: string
  readonly aliases: readonly string[]
  /** Set when the customer as a whole is not served. */
  readonly state: RouteState | undefined
}

export function readClient(object: KubeObject): RoutedClient | undefined {
  if (!Value.Check(clientSchema, object)) return undefined
  const { ownerName, aliases = [], status } = object.spec
  const isPaused = status === 'suspended' || status === 'disabled'
  return { displayName: ownerName, aliases, state: isPaused ? { phase: status } : undefined }
}
