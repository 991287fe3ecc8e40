import type { KubeObject } from '../object.ts'
import type { UnknownRecord } from '../record.ts'
import { each, specDefaults } from './pod-defaults.ts'

/** As Kubernetes, except that one machine has no cluster addresses: every Service is headless. */
export function serviceDefaults(service: KubeObject): KubeObject {
  return specDefaults(service, (spec): UnknownRecord => {
    const external = spec.type === 'ExternalName'
    return {
      type: 'ClusterIP',
      sessionAffinity: 'None',
      ...(external ? {} : { clusterIP: 'None', internalTrafficPolicy: 'Cluster' }),
      ...spec,
      ...each(spec, 'ports', (port) => ({ protocol: 'TCP', targetPort: port.port, ...port })),
    }
  })
}
