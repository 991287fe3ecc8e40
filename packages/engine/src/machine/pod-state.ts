import { isDeleting } from '../ownership.ts'
import type { ContainerStatus, Pod } from './kinds.ts'

/** Its containers have ended for good. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

/** Runs or will run, and nobody has asked it to go. */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && !isDeleting(pod)
}

export function isReady(pod: Pod): boolean {
  return readyCondition(pod)?.status === 'True'
}

/** From when on the pod counts as available; undefined while it is not ready. */
export function availableAt(pod: Pod, minReadySeconds: number): Date | undefined {
  if (!isReady(pod)) return undefined
  const since = Date.parse(readyCondition(pod)?.lastTransitionTime ?? '')
  return new Date((Number.isNaN(since) ? 0 : since) + minReadySeconds * 1000)
}

/** When the last container ended. */
export function finishedAt(pod: Pod): Date | undefined {
  const times = containersOf(pod)
    .map(({ state }) => Date.parse(state?.terminated?.finishedAt ?? ''))
    .filter((time) => !Number.isNaN(time))
  return times.length === 0 ? undefined : new Date(Math.max(...times))
}

export function restartsOf(pod: Pod): number {
  return containersOf(pod).reduce((sum, { restartCount = 0 }) => sum + restartCount, 0)
}

/** Why a failed pod failed, in one line: its last words if it left any. */
export function lastWords(pod: Pod): string {
  const failed = containersOf(pod).find(
    ({ state }) => state?.terminated?.exitCode !== 0 && state?.terminated,
  )
  const ended = failed?.state?.terminated
  const said = lastLine(ended?.message) ?? lastLine(pod.status?.message)
  if (said) return said
  if (failed && ended) {
    return `container ${failed.name} ended with exit code ${ended.exitCode ?? 'unknown'} (${ended.reason ?? 'Error'})`
  }
  return pod.status?.reason ?? 'no reason was given'
}

function lastLine(text: string | undefined): string | undefined {
  return text?.trim().split('\n').at(-1)?.trim().slice(0, 512) || undefined
}

export function containersOf({ status }: Pod): readonly ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
}

function readyCondition({ status }: Pod) {
  return status?.conditions?.find(({ type }) => type === 'Ready')
}
