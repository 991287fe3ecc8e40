import { entitlements, type Log, type ObjectRef } from '@pulse/api'
import type { Backend, Sight, Waker } from '@pulse/gateway'
import type { BackendIdentities } from './backend-identities.ts'
import { createDeploymentLives, type GatewayObjects } from './deployment-lives.ts'
import { isProcessReady } from './is-process-ready.ts'
import type { KnownEnvironment, RoutingTable } from './routing-table.ts'
import { untilSignal } from './until-signal.ts'

export interface WakerOptions {
  readonly objects: GatewayObjects
  readonly table: RoutingTable
  readonly identities: BackendIdentities
  /** How many requests the threads of one process carry out at a time. */
  readonly concurrency: number
  /** Of visitors without a login, for every tenant; undefined leaves it to its tier. */
  readonly wakesPerHour?: number | undefined
  readonly members: () => readonly string[]
  readonly log: Log
}

/** A waker that is told of changes by whoever watches the resources. */
export interface ResourceWaker extends Waker {
  tell(environment: string): void
}

/** The life of environments over their resources: Deployments and their pods. */
export function createWaker(options: WakerOptions): ResourceWaker {
  const { objects, table, identities } = options
  const see = createSee(options)
  const lives = createDeploymentLives({
    objects,
    onRead(deployment) {
      // What is told late of one that is gone would stay for ever.
      const [someone] = table.inNamespace(deployment.metadata.namespace ?? '')
      if (someone !== undefined) table.note(deployment, false)
    },
  })
  const listeners: ((environment: string) => void)[] = []

  function deploymentOf(name: string): ObjectRef | undefined {
    const names = table.known(name)?.environment.names
    if (names === undefined) return undefined
    const { namespace, deployment } = names
    return { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: deployment }
  }

  return {
    see,
    async look(name, signal) {
      const ref = deploymentOf(name)
      const there = ref && (await untilSignal(signal, () => lives.look(ref)))
      const seen = see(name)
      return there && seen && { ...seen, ...there }
    },
    async write(name, change, signal) {
      const ref = deploymentOf(name)
      const known = table.known(name)?.workers
      if (ref === undefined || known === undefined) throw new Error(`${name} has no workers`)
      return await untilSignal(signal, () => lives.write(ref, known, { ...change, signal }))
    },
    async isReady(name, backend, signal) {
      const hostname = table.known(name)?.environment.names.hostname
      return hostname !== undefined && (await isProcessReady(backend, hostname, signal))
    },
    doubt(name) {
      const names = table.known(name)?.environment.names
      if (names !== undefined) identities.doubt(names.namespace)
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

/** What the resources show of an environment. */
function createSee({
  table,
  identities,
  concurrency,
  wakesPerHour,
}: Pick<WakerOptions, 'table' | 'identities' | 'concurrency' | 'wakesPerHour'>) {
  /** Left out until its key is known: who cannot be told that it is meant is no backend yet. */
  function withIdentity({ environment }: KnownEnvironment, backend: Backend): readonly Backend[] {
    const { namespace } = environment.names
    if (backend.process === undefined) return []
    const unit = environment.isInstance ? environment.name : namespace
    const identity = identities.of(namespace, `${unit}.${backend.process}`)
    return identity === undefined ? [] : [{ ...backend, ...identity }]
  }

  return (name: string): Sight | undefined => {
    const known = table.known(name)
    if (known?.workers === undefined) return undefined
    const { environment, backends, workers } = known
    const { isInstance, sleep, priority, trouble, ask } = environment
    const { phase } = environment.route.state
    const named = (list: readonly Backend[]) => list.flatMap((one) => withIdentity(known, one))
    const isPaused = phase === 'suspended' || phase === 'disabled'
    return {
      record: workers.record,
      version: workers.version,
      ready: named(backends.ready),
      starting: named(backends.starting),
      leaving: backends.leaving,
      isGone: false,
      service: isPaused ? phase : 'active',
      ...(isInstance && (sleep.isEnabled || isPaused) && { idleMs: sleep.idleMs }),
      wakeTimeoutMs: sleep.wakeTimeoutMs,
      concurrency: (workers.processes || concurrency) * Math.max(1, backends.ready.length),
      priority,
      wakesPerHour: wakesPerHour ?? entitlements[environment.tier].wakesPerHour,
      ...(trouble !== undefined && { trouble }),
      ...(ask !== undefined && { ask }),
    }
  }
}
