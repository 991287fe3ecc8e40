import { type KubeObject, refOf } from '@pulse/api'
import type { Controller } from '../controller.ts'
import type { KindRef } from '../watch-source.ts'
import { machineManager } from './kinds.ts'
import type { MachineOptions } from './machine-options.ts'

/** What one machine does with an object that it stores but has no controller for. */
export const enforcementAnnotation = 'planapulse.com/enforcement'

export interface RecordedKind extends KindRef {
  /** One sentence for people: what is and what is not enforced here. */
  readonly enforcement: string
}

/** The kinds that our compositions emit for clusters; the app may say more where the machine enforces more. */
export const recordedKinds: readonly RecordedKind[] = [
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    enforcement: 'Recorded, not enforced: on one machine the condition Isolated says what holds.',
  },
  {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    enforcement: 'Recorded, not enforced: only the limits of each container count on one machine.',
  },
  {
    apiVersion: 'v1',
    kind: 'LimitRange',
    enforcement: 'Recorded, not enforced: containers without limits get none on one machine.',
  },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    enforcement:
      'Recorded, not enforced: the number of workers is not changed by load on one machine.',
  },
  {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    enforcement: 'Recorded, not enforced: nothing evicts pods on one machine.',
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    enforcement: 'Recorded, not enforced: the API of one machine knows one user, who may do all.',
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    enforcement: 'Recorded, not enforced: the API of one machine knows one user, who may do all.',
  },
]

/** Says on every object of a recorded kind what it is worth here, so that nobody takes a record for a fence. */
export function recordedKindControllers(
  { objects }: Pick<MachineOptions, 'objects'>,
  recorded: readonly RecordedKind[] = recordedKinds,
): readonly Controller[] {
  return recorded.map(({ apiVersion, kind, enforcement }) => ({
    name: `recorded-${kind.toLowerCase()}`,
    primary: { apiVersion, kind },
    watches: [],
    async reconcile(object: KubeObject) {
      if (object.metadata.annotations?.[enforcementAnnotation] === enforcement) return undefined
      const patch = { metadata: { annotations: { [enforcementAnnotation]: enforcement } } }
      const options = { fieldManager: machineManager }
      await objects.patch(refOf(object), { type: 'merge', patch }, options)
      return undefined
    },
  }))
}
