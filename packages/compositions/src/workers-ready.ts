import { type Condition, type KubeObject, recordOf, stoppedReason } from '@pulse/api'
import { conditionOf, isTrue, makeCondition, statusOf } from './condition.ts'
import { endWords } from './end-words.ts'
import type { Workers } from './tenancy.ts'

const type = 'WorkersReady'
const available = {
  reason: 'Available',
  message: 'workers answer, or wake on the first request',
}

/**
 * Whether requests find a worker. Whether the workers sleep is not told here: that changes with every visitor and is
 * the gateway's. So what was ready once stays so while the workers are down or waking, until a pod says what is wrong.
 */
export function workersReady(resource: KubeObject, { deployment, pods }: Workers): Condition {
  if (deployment === undefined) {
    return makeCondition(type, 'False', {
      reason: 'Waiting',
      message: 'the workers are not made yet',
    })
  }
  const { readyReplicas } = statusOf(deployment)
  if (typeof readyReplicas === 'number' && readyReplicas > 0) {
    return makeCondition(type, 'True', available)
  }
  if (recordOf(deployment.spec).replicas === 0) return makeCondition(type, 'True', available)

  const trouble = pods.map(troubleOf).find((found) => found !== undefined)
  if (trouble !== undefined) return makeCondition(type, 'False', trouble)

  const stalled = stalledRollout(deployment)
  if (stalled !== undefined) return makeCondition(type, 'False', stalled)

  if (isTrue(resource, type)) return makeCondition(type, 'True', available)
  return makeCondition(type, 'False', { reason: 'Starting', message: 'the first worker starts' })
}

type Fields = Readonly<Record<string, unknown>>

interface Trouble {
  readonly reason: string
  readonly message: string
}

/** Reasons of a waiting container that do not pass by themselves; the two of an image that is not there are one. */
const waitingTroubles: Readonly<Record<string, string>> = {
  CrashLoopBackOff: 'CrashLoopBackOff',
  ErrImagePull: 'ErrImagePull',
  ImagePullBackOff: 'ErrImagePull',
  InvalidImageName: 'InvalidImageName',
  CreateContainerConfigError: 'CreateContainerConfigError',
  CreateContainerError: 'CreateContainerError',
  RunContainerError: 'RunContainerError',
}

/** Why a pod does not come up. A container between two crashes still counts as crashing, or this would flap. */
function troubleOf(pod: KubeObject): Trouble | undefined {
  const containers = statusOf(pod).containerStatuses
  if (!Array.isArray(containers) || pod.metadata.deletionTimestamp !== undefined) return undefined
  for (const container of containers.map(recordOf)) {
    const waiting = recordOf(recordOf(container.state).waiting)
    const ended = lastEnd(container)
    const crash = container.ready === true ? undefined : crashReason(container, ended)
    const reason = waitingTroubles[String(waiting.reason)] ?? crash
    if (reason === undefined) continue
    return { reason, message: whyDown(reason, { waiting, ended }) }
  }
  return undefined
}

/** Of a container that waits to be started again its end says more than that it waits. */
function whyDown(
  reason: string,
  { waiting, ended }: Readonly<Record<'waiting' | 'ended', Fields>>,
) {
  const isCrash = waiting.reason === undefined || reason === 'CrashLoopBackOff'
  if (isCrash && 'exitCode' in ended) return endWords(ended)
  return String(waiting.message || `the worker cannot be started (${reason})`)
}

function lastEnd({ state, lastState }: Fields): Fields {
  const ended = recordOf(recordOf(state).terminated)
  return 'exitCode' in ended ? ended : recordOf(recordOf(lastState).terminated)
}

/** After so long a run kubelet forgives a container its past. */
const forgivenAfterMs = 600_000

/** One crash is no loop: it is started again at once. */
function crashReason({ restartCount }: Fields, ended: Fields): string | undefined {
  if (!('exitCode' in ended) || ended.reason === stoppedReason) return undefined
  const ranMs = Date.parse(String(ended.finishedAt)) - Date.parse(String(ended.startedAt))
  const isLoop = Number(restartCount) >= 2 && !(ranMs >= forgivenAfterMs)
  return isLoop ? 'CrashLoopBackOff' : String(ended.reason ?? 'Error')
}

function stalledRollout(deployment: KubeObject): Trouble | undefined {
  const progressing = conditionOf(deployment, 'Progressing')
  if (progressing?.status === 'False') {
    return { reason: progressing.reason, message: progressing.message ?? 'the rollout stalls' }
  }
  const failure = conditionOf(deployment, 'ReplicaFailure')
  if (failure?.status !== 'True') return undefined
  return { reason: failure.reason, message: failure.message ?? 'no pod can be made' }
}
