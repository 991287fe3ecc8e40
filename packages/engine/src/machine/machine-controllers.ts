import type { Controller } from '../controller.ts'
import { cronJobController } from './cron-job-controller.ts'
import { deploymentController } from './deployment-controller.ts'
import { httpRouteController } from './http-route-controller.ts'
import { type JobOptions, jobController } from './job-controller.ts'
import { type NamespaceOptions, namespaceController } from './namespace-controller.ts'
import {
  type ClaimOptions,
  persistentVolumeClaimController,
} from './persistent-volume-claim-controller.ts'
import { type RecordedKind, recordedKindControllers } from './recorded-kinds-controller.ts'
import { replicaSetController } from './replica-set-controller.ts'
import { serviceController } from './service-controller.ts'

export type MachineControllerOptions = NamespaceOptions &
  JobOptions &
  Omit<ClaimOptions, 'ownsByNamespace'> & { readonly recorded?: readonly RecordedKind[] }

/** All that a cluster's controllers do for our kinds, for one machine. Pods are the pod runner's. */
export function machineControllers(options: MachineControllerOptions): readonly Controller[] {
  return [
    namespaceController(options),
    persistentVolumeClaimController({ ...options, ownsByNamespace: options.uids !== undefined }),
    jobController(options),
    cronJobController(options),
    deploymentController(options),
    replicaSetController(options),
    serviceController(options),
    httpRouteController(options),
    ...recordedKindControllers(options, options.recorded),
  ]
}
