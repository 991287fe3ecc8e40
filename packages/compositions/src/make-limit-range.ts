import type { KubeObject } from '@pulse/api'
import type { Place } from './make-secret.ts'
import type { Size } from './tiers.ts'

/** A container that says nothing gets the worker's share; none gets more. */
export function makeLimitRange({ name, namespace, labels }: Place, size: Size): KubeObject {
  const most = { cpu: size.cpuLimit, memory: size.memory }
  const least = { cpu: size.cpuRequest, memory: size.memory }
  return {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name, namespace, labels },
    spec: {
      limits: [{ type: 'Container', default: most, defaultRequest: least, max: most }],
    },
  }
}
