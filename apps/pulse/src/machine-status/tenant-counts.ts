import { inSlices } from '../routing/in-slices.ts'
import type { RoutingTable } from '../routing/routing-table.ts'
import type { MachineStatus } from './schema.ts'

export interface TenantCounts
  extends Pick<
    MachineStatus,
    | 'environments'
    | 'readyEnvironments'
    | 'creatingEnvironments'
    | 'failingEnvironments'
    | 'suspendedEnvironments'
    | 'awakeEnvironments'
    | 'asleepEnvironments'
    | 'readyClients'
  > {
  /** Names of those that are not ready. */
  readonly unready: readonly string[]
}

/**
 * Environments by what they do, from what the gateway keeps of each in memory: ten thousand are counted in
 * a fraction of a second, and nobody is asked for them.
 */
export async function countTenants(
  table: Pick<RoutingTable, 'all' | 'known'>,
): Promise<TenantCounts> {
  const counts = {
    ...{ environments: 0, readyEnvironments: 0, creatingEnvironments: 0, failingEnvironments: 0 },
    ...{ suspendedEnvironments: 0, awakeEnvironments: 0, asleepEnvironments: 0, readyClients: 0 },
  }
  const unready: string[] = []
  for await (const name of inSlices(table.all())) {
    const known = table.known(name)
    if (known === undefined) continue
    const { environment, workers } = known
    const { route, isReady, isInstance, trouble } = environment
    const { phase } = route.state
    counts.environments += 1
    if (isReady) counts.readyEnvironments += 1
    else unready.push(name)
    if (isReady && name.endsWith('-prod')) counts.readyClients += 1
    const isPaused = phase === 'suspended' || phase === 'disabled'
    if (isPaused) counts.suspendedEnvironments += 1
    if (phase === 'failed' || trouble !== undefined) counts.failingEnvironments += 1
    else if (!isReady && !isPaused) counts.creatingEnvironments += 1
    if (!isInstance || isPaused || workers === undefined) continue
    if (workers.record.state === 'down') counts.asleepEnvironments += 1
    else counts.awakeEnvironments += 1
  }
  return { ...counts, unready }
}
