import { pause } from '../../pause.ts'
import { removeTree } from '../remove-tree.ts'
import type { RunnerContext } from './context.ts'
import type { LivingPod } from './living-pod.ts'
import type { Pod } from './pod.ts'
import type { PodRecord } from './pod-journal.ts'
import { releasePod } from './pod-object.ts'
import { inStep, publishStep } from './steps.ts'

const retryMs = 1000
const longestRetryMs = 60_000

/**
 * Nothing of the pod may stay when its object goes: the object goes last. What cannot be removed is told on the object
 * and tried again; the next Pulse goes on where this one stops.
 */
export async function cleanUp(living: LivingPod): Promise<void> {
  const { context, record, pod } = living
  if (record && !(await removeSurely(living, record))) return
  await inStep('release', () => releaseSurely(context, pod))
  publishStep('gone', 'end')
}

/** False when Pulse stops before it could be done. */
async function removeSurely(living: LivingPod, record: PodRecord): Promise<boolean> {
  const { context, status, pod } = living
  const { clock, log, events, stopping } = context
  const { name, namespace } = pod
  for (let delayMs = retryMs; ; delayMs = Math.min(delayMs * 2, longestRetryMs)) {
    try {
      await removePlaces(living, record)
      return true
    } catch (error) {
      log.error({ err: error, pod: name, namespace, retryMs: delayMs }, 'pod not cleaned up')
      const message = error instanceof Error ? error.message : String(error)
      living.leftover = message
      status.touch()
      void events.record(living.pod.object, { type: 'Warning', reason: 'FailedCleanUp', message })
      await pause(delayMs, clock, stopping)
      if (stopping.aborted) return false
    }
  }
}

async function removePlaces({ context, folder }: LivingPod, record: PodRecord): Promise<void> {
  const { address, secretFolder } = record.journal()
  await context.firewall.dismiss(address)
  removeTree(secretFolder)
  await inStep('remove', () => removeTree(folder))
  context.addresses.release(address)
}

/** While the store is away the Pod cannot be let go; nobody would come back to it, so we stay until it can. */
async function releaseSurely(
  { objects, clock, log, stopped }: RunnerContext,
  pod: Pod,
): Promise<void> {
  while (!stopped.aborted) {
    try {
      return await releasePod(objects, pod.object)
    } catch (error) {
      log.warn({ err: error, pod: pod.name }, 'pod not released, trying again')
      await pause(retryMs, clock, stopped)
    }
  }
}
