import { type KubeObject, recordOf } from '@pulse/api'
import { protectFinalizer } from './fixed-names.ts'
import type { Place } from './make-secret.ts'
import type { Parameters } from './parameters.ts'

export interface VolumeClaim extends Place {
  readonly size: string
  readonly protect: boolean
  readonly parameters: Parameters
  /** The claim as it stands. Its spec can never change, so what was once asked for is asked for again. */
  readonly observed: KubeObject | undefined
}

export function makeVolumeClaim(claim: VolumeClaim): KubeObject {
  const { name, namespace, labels, protect } = claim
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace,
      labels,
      ...(protect ? { finalizers: [protectFinalizer] } : {}),
    },
    spec: claimSpec(claim),
  }
}

function claimSpec({ size, parameters, observed }: VolumeClaim) {
  const asked = recordOf(observed?.spec)
  const { className, accessMode } = parameters.storage
  const storageClassName = asked.storageClassName ?? className
  return {
    accessModes: asked.accessModes ?? [accessMode],
    resources: asked.resources ?? { requests: { storage: size } },
    ...(storageClassName === undefined ? {} : { storageClassName }),
  }
}
