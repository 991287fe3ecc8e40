import { recordOf } from '@pulse/api'
import { listOf } from './fields.ts'
import type { Run } from './journal.ts'
import type { Pod } from './pod.ts'
import { idOfRun } from './pod-status.ts'

/** What is known of a container only while Pulse lives; the journal keeps the rest. */
export interface Moment {
  readonly waiting?: { readonly reason: string; readonly message?: string } | undefined
  readonly started: boolean
  readonly ready: boolean
}

export const notReady: Moment = { started: false, ready: false }

/**
 * How a run stood when it was last told of. A Pulse that takes a run over believes it until a probe says otherwise: a
 * worker that answers all the while must not lose its route because Pulse was started again.
 */
export function lastMoment(pod: Pod, container: string, run: Run | undefined): Moment {
  if (run === undefined) return notReady
  const statuses = listOf(recordOf(pod.object.status).containerStatuses)
  const status = statuses.find(({ name }) => name === container)
  if (status?.containerID !== idOfRun(run.token)) return notReady
  return { started: status.started === true, ready: status.ready === true }
}
