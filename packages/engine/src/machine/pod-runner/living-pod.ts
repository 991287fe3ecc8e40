import type { Bell } from './bell.ts'
import type { RunnerContext } from './context.ts'
import type { Halt } from './halt.ts'
import type { PodJournal } from './journal.ts'
import type { Moment } from './moment.ts'
import type { Pod } from './pod.ts'
import type { PodRecord } from './pod-journal.ts'
import type { PodView } from './pod-status.ts'
import type { StatusWriter } from './status-writer.ts'

/** What is known of one pod while it lives. The mutable fields are written by its story and its life alone. */
export interface LivingPod {
  readonly context: RunnerContext
  readonly folder: string
  /** What an earlier Pulse has left; absent: a new pod. */
  readonly inherited: PodJournal | undefined
  readonly halt: Halt
  /** Aborted when the story may end: the Pod is deleted, or Pulse stops. */
  readonly over: AbortController
  /** Rings when something that containers wait for may have come. */
  readonly sources: Bell
  /** Rings when a container has changed. */
  readonly changes: Bell
  readonly moments: Map<string, Moment>
  readonly status: StatusWriter
  pod: Pod
  /** Absent until the pod has its folder and address. */
  record: PodRecord | undefined
  failure: PodView['failure']
  startedAt: string | undefined
  /** Why something of the pod is left after its end; absent: nothing is, or it has not ended. */
  leftover: string | undefined
  /** No longer in the store. */
  isGone: boolean
}
