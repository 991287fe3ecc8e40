import type { KubeObject } from '@pulse/api'
import { protectFinalizer } from './fixed-names.ts'
import type { Labels } from './labels.ts'

export interface Place {
  readonly name: string
  readonly namespace: string
  readonly labels: Labels
}

/** Empty: a task fills it by server-side apply, and what it filled is not ours to take away. */
export function makeSecret({ name, namespace, labels }: Place): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, labels },
    type: 'Opaque',
  }
}

/** The same, kept until `teardown` lets go of it. */
export function makeProtectedSecret(place: Place): KubeObject {
  const secret = makeSecret(place)
  return { ...secret, metadata: { ...secret.metadata, finalizers: [protectFinalizer] } }
}
