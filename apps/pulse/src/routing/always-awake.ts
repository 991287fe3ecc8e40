import type { Waker } from '@pulse/gateway'
import type { RoutingTable } from './routing-table.ts'

/** Until tenants sleep there is nothing to wake: a worker that is missing is being started by its Deployment. */
export function createAlwaysAwake(routes: Pick<RoutingTable, 'hasBackend'>): Waker {
  return { wake: async () => {}, isReady: routes.hasBackend }
}
