import type { Log } from '@pulse/api'
import type { Clock } from '../../clock.ts'
import type { EventRecorder } from '../../events.ts'
import type { Objects } from '../../objects.ts'
import type { UidRange } from '../namespace-uid.ts'
import type { AddressPool } from './address-pool.ts'
import type { Firewall } from './firewall.ts'
import type { ForkServer } from './fork-server.ts'
import type { Isolation } from './isolation.ts'
import type { ClaimFolders } from './volumes.ts'

/** What an image means on this machine. */
export type Image =
  | {
      readonly type: 'process'
      /** The image's entrypoint; a container's `command` replaces it. */
      readonly command: readonly string[]
      readonly env?: Readonly<Record<string, string>>
      /** Starts it faster, by forking a process that has it loaded; where it cannot, it is started plainly. */
      readonly fork?: ForkServer
    }
  | { readonly type: 'task-runner' }

export interface Images {
  /** `labels` are the pod's: they may decide how the image is started, never what it is. */
  resolveImage(image: string, labels: Readonly<Record<string, string>>): Image | undefined
  knownImages(): readonly string[]
}

/** Runs tasks in one long-lived process instead of a new one each; the abort ends the task. */
export interface TaskExecutor {
  run(task: {
    readonly args: readonly string[]
    readonly env: Readonly<Record<string, string>>
    /** File to append output to. */
    readonly log: string
    readonly signal: AbortSignal
  }): Promise<{ readonly exitCode: number }>
}

/** What all pods of the runner share. */
export interface RunnerContext {
  readonly objects: Objects
  readonly nodeName: string
  readonly stateDir: string
  readonly podsFolder: string
  /** In memory where the machine has such a place. */
  readonly secretsFolder: string
  readonly bootId: string
  readonly capacity: { readonly cpus: number; readonly memoryBytes: number }
  readonly images: Images
  readonly volumes: ClaimFolders
  readonly tasks: TaskExecutor
  readonly isolation: Isolation
  /** Users that are given to namespaces here, and are nobody else's on this machine; absent: not known. */
  readonly uids?: UidRange
  readonly firewall: Firewall
  readonly addresses: AddressPool
  readonly events: EventRecorder
  readonly clock: Clock
  readonly log: Log
  /** Aborted when the runner is asked to stop: what has failed is left to the next Pulse. */
  readonly stopping: AbortSignal
  /** Aborted when the runner has stopped: nobody waits any more for what is still to be written. */
  readonly stopped: AbortSignal
}
