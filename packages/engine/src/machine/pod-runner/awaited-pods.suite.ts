import { type KubeObject, refOf } from '@pulse/api'
import { expect } from 'vitest'
import { type Machine, stateOf } from './pod-runner.suite.ts'

/** Deletes the Pod and waits until nothing of it is left. */
export async function removePod({ objects, untilGone }: Machine, pod: KubeObject) {
  await objects.delete(refOf(pod))
  await untilGone(pod)
}

/** Waits until the running container has said this. */
export async function untilLog(machine: Machine, pod: KubeObject, part: string) {
  await machine.until(pod, (now) => stateOf(now).running !== undefined)
  await expect.poll(() => machine.logOf(pod), { timeout: 10_000 }).toContain(part)
}
