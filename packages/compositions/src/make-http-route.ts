import type { KubeObject } from '@pulse/api'
import { fixedNames, ports } from './fixed-names.ts'
import type { Place } from './make-secret.ts'
import type { Parameters } from './parameters.ts'

/** Where the gateway finds the hostname that Odoo must see, whatever the browser asked for. */
export const canonicalHostAnnotation = 'planapulse.com/canonical-host'

export interface HttpRoute extends Place {
  readonly canonicalHost: string
  readonly hostnames: readonly string[]
  readonly parameters: Parameters
}

/** Everything to the gateway, which wakes the tenant and answers aliases with the canonical address. */
export function makeRouteToGateway(route: HttpRoute): KubeObject {
  return makeRoute(route, [ruleFor('/', fixedNames.wakingService, ports.waking)])
}

/**
 * Straight to the workers of a tenant that never sleeps. What needs a doorkeeper still goes through the gateway: the
 * database manager, and calls that name a database themselves.
 */
export function makeRouteToWorkers(
  route: HttpRoute & { readonly service: string; readonly hasLongpolling: boolean },
): KubeObject {
  const guarded = ['/web/database', '/xmlrpc', '/jsonrpc', '/json']
  return makeRoute(route, [
    ...guarded.map((path) => ruleFor(path, fixedNames.wakingService, ports.waking)),
    ...(route.hasLongpolling ? [ruleFor('/websocket', route.service, ports.longpolling)] : []),
    ruleFor('/', route.service, ports.http),
  ])
}

function makeRoute(route: HttpRoute, rules: readonly object[]): KubeObject {
  const { name, namespace, labels, canonicalHost, hostnames, parameters } = route
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: {
      name,
      namespace,
      labels,
      annotations: { [canonicalHostAnnotation]: canonicalHost },
    },
    spec: {
      parentRefs: [
        {
          group: 'gateway.networking.k8s.io',
          kind: 'Gateway',
          name: parameters.gateway.name,
          namespace: parameters.gateway.namespace,
        },
      ],
      hostnames,
      rules,
    },
  }
}

/** `0s` is no limit: Odoo has its own, and a proxy's default of 15 s cuts off a waking tenant. */
function ruleFor(path: string, service: string, port: number) {
  return {
    matches: [{ path: { type: 'PathPrefix', value: path } }],
    timeouts: { request: '0s' },
    backendRefs: [{ group: '', kind: 'Service', name: service, port, weight: 1 }],
  }
}
