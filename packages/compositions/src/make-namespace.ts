import type { KubeObject } from '@pulse/api'
import type { Labels } from './labels.ts'

/** A namespace in which no pod may have more rights than ours need. */
export function makeNamespace(name: string, labels: Labels): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: { ...labels, 'pod-security.kubernetes.io/enforce': 'restricted' },
    },
  }
}
