import { createHealth, type HealthCheck, type Objects, type PodRunner } from '@pulse/engine'
import type { LineState } from '@pulse/odoo'
import { collectStatus } from '../machine-status/collect.ts'
import { collectTop } from '../machine-top/collect-top.ts'
import { createDatabaseSizes } from '../machine-top/database-sizes.ts'
import type { Descriptors } from './descriptors.ts'
import type { Disks } from './disks.ts'
import type { OpenGateway } from './gateway.ts'
import type { Ground } from './ground.ts'
import type { Latest } from './latest.ts'
import { gaugeMachine } from './machine-metrics.ts'
import { createMetricsDoor } from './metrics-door.ts'
import { listenOn, portUses } from './port-uses.ts'
import type { Runtimes } from './runtimes.ts'

export interface MetricsDoorParts {
  readonly gateway: Pick<OpenGateway, 'figures' | 'table' | 'visits'>
  readonly runner: Pick<PodRunner, 'use' | 'runningPods'>
  readonly runtimes: Pick<Runtimes, 'all'>
  readonly disks: Pick<Disks, 'problems'>
  readonly descriptors: Descriptors
  readonly standbys: Pick<Latest<readonly LineState[]>, 'get'>
  /** What must hold besides the store. */
  readonly checks: Readonly<Record<string, HealthCheck>>
  readonly ports: { readonly metrics: number }
}

/** Opens the door for those who watch: metrics, health, and what commands ask about the machine. The answer is its URL. */
export async function openMetricsDoor(
  ground: Ground,
  { gateway, runner, runtimes, disks, descriptors, standbys, checks, ports }: MetricsDoorParts,
  stack: AsyncDisposableStack,
): Promise<string> {
  const { config, identity, objects, clock } = ground
  const log = ground.log.child({ part: 'metrics' })
  const now = () => clock.now().getTime()
  const databaseSizes = createDatabaseSizes(ground.administration, now)
  gaugeMachine(ground.metrics, {
    ...{ stateDir: ground.state.root, descriptors, standbys: standbys.get },
  })
  const { table } = gateway
  const troubles = () => [...disks.problems(), ...descriptors.problems(), ...objects.unreadable()]
  const seen = { ...ground, table, runtimes, standbys: standbys.get, now: clock.now, troubles }
  const door = createMetricsDoor({
    text: ground.metrics.text,
    figuresOf: gateway.figures.of,
    health: createHealth({
      checks: { store: () => askStore(objects), ...checks },
      onFailure: (check, error) => log.error({ err: error, check }, 'not ready'),
    }),
    documents: {
      '/top': () => collectTop({ ...gateway, use: runner.use, databaseSizes, now }),
      '/status': (asked) => collectStatus({ ...seen, runningPods: runner.runningPods }, asked),
    },
    metricsToken: config.metricsToken,
    adminToken: identity.token,
    log,
  })
  stack.defer(() => door.close())
  await listenOn(portUses.metrics, ports.metrics, (port) =>
    door.listen({ host: config.metricsHost, port }),
  )
  return `http://${hostInUrl(config.metricsHost)}:${ports.metrics}`
}

async function askStore(objects: Pick<Objects, 'list'>) {
  await objects.list({ apiVersion: 'v1', kind: 'Node', limit: 1 })
}

/** Who listens on every address is asked on this machine's own. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
