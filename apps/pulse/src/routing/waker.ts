import { hasReason, type KubeObject, type Log, type ObjectRef, recordOf } from '@pulse/api'
import type { Objects } from '@pulse/engine'
import type { Backend, LifeChange, Sight, Waker } from '@pulse/gateway'
import type { BackendIdentities } from './backend-identities.ts'
import { isProcessReady } from './is-process-ready.ts'
import { isSameLife, lifePatch } from './life-record.ts'
import type { KnownEnvironment, RoutingTable } from './routing-table.ts'
import { standingOf } from './worker-deployments.ts'

export interface WakerOptions {
  readonly objects: Objects
  readonly table: RoutingTable
  readonly identities: BackendIdentities
  /** How many requests one process carries out at a time. */
  readonly concurrency: number
  readonly members: () => readonly string[]
  readonly log: Log
}

/** A waker that is told of changes by whoever watches the resources. */
export interface ResourceWaker extends Waker {
  tell(environment: string): void
}

const conflictsMax = 5

/** The life of environments over their resources: Deployments and their pods. */
export function createWaker(options: WakerOptions): ResourceWaker {
  const { objects, table, identities, concurrency } = options
  const listeners: ((environment: string) => void)[] = []

  function see(name: string): Sight | undefined {
    const known = table.known(name)
    if (known?.workers === undefined) return undefined
    const { environment, backends, workers } = known
    const { isInstance, state, sleep, priority, trouble, ask } = environment
    const named = (list: readonly Backend[]) => list.flatMap((one) => withIdentity(known, one))
    const isPaused = state.phase === 'suspended' || state.phase === 'disabled'
    return {
      record: workers.record,
      version: workers.version,
      ready: named(backends.ready),
      starting: named(backends.starting),
      leaving: backends.leaving,
      isGone: false,
      service: isPaused ? state.phase : 'active',
      ...(isInstance && (sleep.isEnabled || isPaused) && { idleMs: sleep.idleMs }),
      wakeTimeoutMs: sleep.wakeTimeoutMs,
      concurrency: concurrency * Math.max(1, backends.ready.length),
      priority,
      ...(trouble !== undefined && { trouble }),
      ...(ask !== undefined && { ask }),
    }
  }

  /** Left out until its key is known: what cannot be told who is meant is not asked. */
  function withIdentity({ environment }: KnownEnvironment, backend: Backend): readonly Backend[] {
    const { namespace } = environment.names
    const unit = environment.isInstance ? environment.name : namespace
    const identity = identities.of(namespace, `${unit}.${backend.process}`)
    if (identity === 'unknown') return []
    return [identity === undefined ? backend : { ...backend, identity }]
  }

  function deploymentOf(name: string): ObjectRef | undefined {
    const names = table.known(name)?.environment.names
    if (names === undefined) return undefined
    const { namespace, deployment } = names
    return { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: deployment }
  }

  async function write(name: string, change: LifeChange) {
    const ref = deploymentOf(name)
    let standing = table.known(name)?.workers
    if (ref === undefined || standing === undefined) throw new Error(`${name} has no workers`)
    for (let attempt = 0; attempt < conflictsMax; attempt += 1) {
      if (!isSameLife(standing.record, change.expected)) return standing
      try {
        const patch = lifePatch(change.next, standing.resourceVersion)
        const fieldManager = 'pulse-gateway'
        return standingOf(await objects.patch(ref, { type: 'merge', patch }, { fieldManager }))
      } catch (error) {
        if (!hasReason(error, 'Conflict')) throw error
        // Its status changes often; only a change of the record itself is another's word.
        const deployment = await objects.get(ref)
        if (deployment === undefined) throw new Error(`${name} has no workers`, { cause: error })
        standing = standingOf(deployment)
      }
    }
    throw new Error(`${ref.namespace}/${ref.name} is written by too many at once`)
  }

  async function look(name: string): Promise<Sight | undefined> {
    const ref = deploymentOf(name)
    const deployment = ref && (await objects.get(ref))
    const seen = see(name)
    if (deployment === undefined || seen === undefined) return undefined
    const pods = await podsOf(objects, deployment)
    const { record, version } = standingOf(deployment)
    return { ...seen, record, version, isGone: pods.every(isFinished) }
  }

  return {
    see,
    look: (name) => look(name),
    write: (name, change) => write(name, change),
    async isReady(name, backend, signal) {
      const hostname = table.known(name)?.environment.names.hostname
      return hostname !== undefined && (await isProcessReady(backend, hostname, signal))
    },
    doubt(name) {
      const names = table.known(name)?.environment.names
      if (names !== undefined) identities.forget(names.namespace)
    },
    members: options.members,
    *awake() {
      for (const name of table.all()) {
        const known = table.known(name)
        if (known?.environment.isInstance && known.workers?.record.state !== 'down') yield name
      }
    },
    onChange: (run) => void listeners.push(run),
    tell(environment) {
      for (const listener of listeners) listener(environment)
    },
  }
}

/** Asked of the store and not of a watch: one that is being deleted still counts. */
async function podsOf(objects: Objects, { metadata, spec }: KubeObject) {
  const labels = Object.entries(recordOf(recordOf(recordOf(spec).selector).matchLabels))
  const { items } = await objects.list({
    apiVersion: 'v1',
    kind: 'Pod',
    ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
    labelSelector: labels.map(([key, value]) => `${key}=${value}`).join(','),
  })
  return items
}

function isFinished({ status }: KubeObject): boolean {
  const { phase } = recordOf(status)
  return phase === 'Succeeded' || phase === 'Failed'
}
