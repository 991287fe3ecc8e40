import type { KubeObject } from '@pulse/api'
import type { Place } from './make-secret.ts'
import type { Size } from './tiers.ts'

/** Room for `pods` workers of this size, and no Service that is open to the outside. */
export function makeResourceQuota(
  { name, namespace, labels }: Place,
  { size, pods, volumeClaims }: { size: Size; pods: number; volumeClaims: number },
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name, namespace, labels },
    spec: {
      hard: {
        'requests.cpu': times(size.cpuRequest, pods),
        'requests.memory': times(size.memory, pods),
        'limits.cpu': times(size.cpuLimit, pods),
        'limits.memory': times(size.memory, pods),
        pods: String(pods),
        persistentvolumeclaims: String(volumeClaims),
        'services.nodeports': '0',
        'services.loadbalancers': '0',
      },
    },
  }
}

/** `250m` twice is `500m`: the unit stays. */
function times(quantity: string, factor: number): string {
  const unit = quantity.replace(/^[0-9]+/, '')
  return `${Number.parseInt(quantity, 10) * factor}${unit}`
}
