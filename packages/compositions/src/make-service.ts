import type { KubeObject } from '@pulse/api'
import { fixedNames, ports } from './fixed-names.ts'
import type { Labels } from './labels.ts'
import type { Place } from './make-secret.ts'
import type { Parameters } from './parameters.ts'

export interface Service extends Place {
  readonly selector: Labels
  /** HTTP worker processes; without any, the one process answers websockets on its HTTP port. */
  readonly workers: number
  readonly parameters: Parameters
}

/** The workers' address; headless on one machine, which has no cluster network: EndpointSlices say it all. */
export function makeService(service: Service) {
  const { name, namespace, labels, selector, workers, parameters } = service
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels },
    spec: {
      type: 'ClusterIP',
      ...(parameters.platform === 'machine' ? { clusterIP: 'None' } : {}),
      selector,
      ports: [
        { name: 'http', port: ports.http, targetPort: 'http', protocol: 'TCP' },
        {
          name: 'longpolling',
          port: ports.longpolling,
          targetPort: workers > 0 ? 'longpolling' : 'http',
          protocol: 'TCP',
        },
      ],
    },
  } satisfies KubeObject
}

/** The gateway under a name of this namespace, so that a route here can lead there. */
export function makeWakingService(
  namespace: string,
  labels: Labels,
  { gateway }: Parameters,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: fixedNames.wakingService, namespace, labels },
    spec: {
      type: 'ExternalName',
      externalName: gateway.wakingService,
      ports: [{ name: 'http', port: ports.waking, protocol: 'TCP' }],
    },
  }
}
