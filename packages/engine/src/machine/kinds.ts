import type { Condition, KubeObject } from '@pulse/api'

/**
 * What the machine controllers read of Kubernetes' own kinds: only that, named and optional as there. The store has
 * validated what it gives; `typed` is the one place where it is taken at its word.
 */
export function typed<Kind extends KubeObject>(object: KubeObject): Kind {
  // A cast: every write was validated by the schema of its kind, and controllers read thousands of objects at each
  // pass. To validate all of them again would cost more than the passes and could find nothing else.
  return object as Kind
}

export const kinds = {
  namespace: { apiVersion: 'v1', kind: 'Namespace' },
  pod: { apiVersion: 'v1', kind: 'Pod' },
  service: { apiVersion: 'v1', kind: 'Service' },
  secret: { apiVersion: 'v1', kind: 'Secret' },
  claim: { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
  job: { apiVersion: 'batch/v1', kind: 'Job' },
  cronJob: { apiVersion: 'batch/v1', kind: 'CronJob' },
  deployment: { apiVersion: 'apps/v1', kind: 'Deployment' },
  replicaSet: { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  endpointSlice: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
  httpRoute: { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute' },
} as const

/** The field manager of the machine controllers. */
export const machineManager = 'pulse-machine'

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
    readonly values?: readonly string[]
  }[]
}

export interface PodTemplate {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: PodSpec
}

interface PodSpec {
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never'
  readonly nodeName?: string
  readonly containers: readonly {
    readonly name: string
    readonly ports?: readonly {
      readonly name?: string
      readonly containerPort: number
      readonly protocol?: string
    }[]
  }[]
  readonly volumes?: readonly {
    readonly name: string
    readonly persistentVolumeClaim?: { readonly claimName: string }
  }[]
}

export interface Pod extends KubeObject {
  readonly spec: PodSpec
  readonly status?: {
    readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown'
    readonly podIP?: string
    readonly reason?: string
    readonly message?: string
    readonly startTime?: string
    readonly conditions?: readonly Condition[]
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
}

export interface ContainerStatus {
  readonly name: string
  readonly restartCount?: number
  readonly state?: { readonly terminated?: Terminated }
}

interface Terminated {
  readonly exitCode?: number
  readonly reason?: string
  readonly message?: string
  readonly finishedAt?: string
}

export interface Job extends KubeObject {
  readonly spec: {
    readonly parallelism?: number
    readonly completions?: number
    readonly backoffLimit?: number
    readonly activeDeadlineSeconds?: number
    readonly ttlSecondsAfterFinished?: number
    readonly suspend?: boolean
    readonly podFailurePolicy?: { readonly rules: readonly PodFailureRule[] }
    readonly template: PodTemplate
  }
  readonly status?: JobStatus
}

/** What a failed pod means for its Job. */
export interface PodFailureRule {
  readonly action: string
  readonly onExitCodes?: {
    /** Any container, unless it is named. */
    readonly containerName?: string
    readonly operator: string
    readonly values: readonly number[]
  }
}

export interface JobStatus {
  readonly startTime?: string
  readonly completionTime?: string
  readonly active?: number
  readonly ready?: number
  readonly terminating?: number
  readonly succeeded?: number
  readonly failed?: number
  readonly conditions?: readonly Condition[]
}

export interface CronJob extends KubeObject {
  readonly spec: {
    readonly schedule: string
    readonly timeZone?: string
    readonly startingDeadlineSeconds?: number
    readonly concurrencyPolicy?: 'Allow' | 'Forbid' | 'Replace'
    readonly suspend?: boolean
    readonly successfulJobsHistoryLimit?: number
    readonly failedJobsHistoryLimit?: number
    readonly jobTemplate: {
      readonly metadata?: PodTemplate['metadata']
      readonly spec: Job['spec']
    }
  }
  readonly status?: CronJobStatus
}

export interface CronJobStatus {
  /** Jobs that have not ended. */
  readonly active?: readonly JobReference[]
  /** When the latest of its Jobs was due. */
  readonly lastScheduleTime?: string
  readonly lastSuccessfulTime?: string
}

export interface JobReference {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
  readonly uid: string
}

export interface ReplicaSet extends KubeObject {
  readonly spec: {
    readonly replicas?: number
    readonly minReadySeconds?: number
    readonly selector: LabelSelector
    readonly template: PodTemplate
  }
  readonly status?: {
    readonly replicas?: number
    readonly readyReplicas?: number
    readonly availableReplicas?: number
    readonly fullyLabeledReplicas?: number
    readonly observedGeneration?: number
  }
}

export interface Deployment extends KubeObject {
  readonly spec: {
    readonly replicas?: number
    readonly minReadySeconds?: number
    readonly paused?: boolean
    readonly progressDeadlineSeconds?: number
    readonly revisionHistoryLimit?: number
    readonly selector: LabelSelector
    readonly strategy?: {
      readonly type?: 'RollingUpdate' | 'Recreate'
      readonly rollingUpdate?: {
        readonly maxSurge?: number | string
        readonly maxUnavailable?: number | string
      }
    }
    readonly template: PodTemplate
  }
  readonly status?: DeploymentStatus
}

export interface DeploymentCondition extends Condition {
  readonly lastUpdateTime?: string
}

export interface DeploymentStatus {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly updatedReplicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
  readonly unavailableReplicas?: number
  readonly conditions?: readonly DeploymentCondition[]
}

export interface ServicePort {
  readonly name?: string
  readonly protocol?: string
  readonly port: number
  readonly targetPort?: number | string
  readonly appProtocol?: string
}

export interface Service extends KubeObject {
  readonly spec: {
    readonly type?: string
    readonly selector?: Readonly<Record<string, string>>
    readonly ports?: readonly ServicePort[]
    readonly publishNotReadyAddresses?: boolean
  }
}

export interface PersistentVolumeClaim extends KubeObject {
  readonly spec: {
    readonly accessModes?: readonly string[]
    readonly resources?: { readonly requests?: Readonly<Record<string, string>> }
  }
}

export interface HttpRoute extends KubeObject {
  readonly spec: {
    readonly parentRefs?: readonly Readonly<Record<string, unknown>>[]
    readonly rules?: readonly {
      readonly backendRefs?: readonly {
        readonly group?: string
        readonly kind?: string
        readonly name: string
        readonly namespace?: string
        readonly port?: number
      }[]
    }[]
  }
}
