import {
  askAnnotations,
  type EnvironmentIdentity,
  hostings,
  type KubeObject,
  odooMajors,
  parseDurationSeconds,
  type Tier,
  tiers,
} from '@pulse/api'
import type { LifeAsk, RouteState } from '@pulse/gateway'
import Type from 'typebox'
import { Compile } from 'typebox/compile'

const literals = <T extends string>(values: readonly T[]) =>
  Type.Union(values.map((value) => Type.Literal(value)))

/**
 * What routing reads of a TenantEnvironment; `odooVersion` in the status is what serves now, mid-upgrade too. Compiled:
 * a start checks all there are before anybody is served.
 */
const environmentShape = Compile(
  Type.Object({
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
              message: Type.Optional(Type.String()),
              lastTransitionTime: Type.Optional(Type.String()),
            }),
          ),
        ),
      }),
    ),
  }),
)

const clientShape = Compile(
  Type.Object({
    spec: Type.Object({
      ownerName: Type.String(),
      aliases: Type.Optional(Type.Array(Type.String())),
      status: Type.Optional(Type.String()),
      tier: Type.Optional(Type.String()),
      sleep: Type.Optional(
        Type.Object({
          enabled: Type.Optional(Type.Boolean()),
          idleTimeout: Type.Optional(Type.String()),
          wakeTimeout: Type.Optional(Type.String()),
        }),
      ),
    }),
  }),
)

interface Condition {
  readonly status: string
  readonly reason: string
  readonly message?: string
  readonly lastTransitionTime?: string
}

export interface RoutedEnvironment {
  readonly uid: string
  readonly identity: EnvironmentIdentity
  readonly state: RouteState
  /** As its condition Ready says. */
  readonly isReady: boolean
  /** Why its workers do not come up. */
  readonly trouble: string | undefined
  readonly ask: LifeAsk | undefined
}

/** An environment as routing sees it; undefined for one that is on its way out. */
export function readEnvironment(object: KubeObject): RoutedEnvironment | undefined {
  if (object.metadata.deletionTimestamp !== undefined) return undefined
  if (!environmentShape.Check(object)) return undefined
  const { spec, status } = object
  const find = (wanted: string) => status?.conditions?.find(({ type }) => type === wanted)
  return {
    uid: object.metadata.uid ?? '',
    identity: { ...spec, odooVersion: status?.odooVersion ?? spec.odooVersion },
    state: stateOf(find('DatabaseReady'), find('WorkersReady')),
    isReady: find('Ready')?.status === 'True',
    trouble: troubleIn(find('WorkersReady')),
    ask: readAsk(object),
  }
}

/** These pass by themselves. */
const passing = ['Starting', 'Waiting']

/**
 * How Kubernetes names the end of a container (ContainerStateTerminated). A worker that has ended once is started again
 * at once, and who waits for it goes on waiting; ends that are more than one are a CrashLoopBackOff.
 */
const endedOnce = [
  ...['Completed', 'ContainerCannotRun', 'ContainerStatusUnknown', 'DeadlineExceeded'],
  ...['Error', 'OOMKilled', 'StartError'],
]

function troubleIn(workers: Condition | undefined): string | undefined {
  if (workers?.status !== 'False') return undefined
  if (passing.includes(workers.reason) || endedOnce.includes(workers.reason)) return undefined
  return workers.message ?? workers.reason
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
  if (workers?.status !== 'False' || !passing.includes(workers.reason)) return false
  const { lastTransitionTime: since } = workers
  const { lastTransitionTime: stands } = database
  return since !== undefined && stands !== undefined && Date.parse(since) <= Date.parse(stands)
}

export interface RoutedClient {
  readonly displayName: string
  readonly aliases: readonly string[]
  /** Set when the customer as a whole is not served. */
  readonly state: RouteState | undefined
  readonly sleep: SleepSettings
  /** Who pays more starts first when many wait. */
  readonly priority: number
  readonly tier: Tier
  readonly ask: LifeAsk | undefined
}

export interface SleepSettings {
  readonly isEnabled: boolean
  readonly idleMs: number
  readonly wakeTimeoutMs: number
}

export function readClient(object: KubeObject): RoutedClient | undefined {
  if (!clientShape.Check(object)) return undefined
  const { ownerName, aliases = [], status, sleep } = object.spec
  const tier = tiers.find((one) => one === object.spec.tier) ?? 'starter'
  const isPaused = status === 'suspended' || status === 'disabled'
  return {
    displayName: ownerName,
    aliases,
    state: isPaused ? { phase: status } : undefined,
    sleep: {
      isEnabled: sleep?.enabled ?? tier !== 'enterprise',
      idleMs: milliseconds(sleep?.idleTimeout) ?? 15 * 60_000,
      wakeTimeoutMs: milliseconds(sleep?.wakeTimeout) ?? 5 * 60_000,
    },
    priority: tiers.indexOf(tier),
    tier,
    ask: readAsk(object),
  }
}

function milliseconds(duration: string | undefined): number | undefined {
  const seconds = duration === undefined ? undefined : parseDurationSeconds(duration)
  return seconds === undefined ? undefined : seconds * 1000
}

/** What people have asked of it by annotations, each an RFC 3339 time. */
function readAsk({ metadata: { annotations = {} } }: KubeObject): LifeAsk | undefined {
  const at = (name: keyof typeof askAnnotations) => {
    const time = Date.parse(annotations[askAnnotations[name]] ?? '')
    return Number.isNaN(time) ? undefined : time
  }
  const [wakeAt, sleepAt, awakeUntil] = [at('wakeAt'), at('sleepAt'), at('awakeUntil')]
  if (wakeAt === undefined && sleepAt === undefined && awakeUntil === undefined) return undefined
  return {
    ...(wakeAt !== undefined && { wakeAt }),
    ...(sleepAt !== undefined && { sleepAt }),
    ...(awakeUntil !== undefined && { awakeUntil }),
  }
}
