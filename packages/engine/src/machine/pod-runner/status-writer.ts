import type { KubeObject } from '@pulse/api'
import { fingerprint } from '../../fingerprint.ts'
import { pause } from '../../pause.ts'
import type { RunnerContext } from './context.ts'
import type { Pod } from './pod.ts'
import { writePodStatus } from './pod-object.ts'
import { makePodStatus, type PodView } from './pod-status.ts'

const retryMs = 1000

/** Keeps the Pod's status as things are: only changes are written, one write at a time, the newest state wins. */
export interface StatusWriter {
  /** Something may have changed. */
  touch(): void
  /** Resolves when all that was touched is written. */
  settled(): Promise<void>
}

export function createStatusWriter(
  context: RunnerContext,
  pod: () => Pod,
  view: () => PodView,
): StatusWriter {
  const { objects, clock, log, stopped } = context
  let written: KubeObject['status']
  let hasWritten = false
  let isDirty = false
  let work: Promise<void> | undefined

  async function write() {
    while (isDirty && !stopped.aborted) {
      isDirty = false
      const { object } = pod()
      if (!hasWritten) written = object.status
      const now = `${clock.now().toISOString().slice(0, 19)}Z`
      const status = makePodStatus(
        { ...pod(), object: { ...object, status: written } },
        view(),
        now,
      )
      if (fingerprint(status) === fingerprint(written)) continue
      try {
        await writePodStatus(objects, object, status)
        written = status
        hasWritten = true
      } catch (error) {
        log.warn({ err: error, pod: pod().name }, 'pod status not written')
        isDirty = true
        await pause(retryMs, clock, stopped)
      }
    }
    work = undefined
  }

  return {
    touch() {
      isDirty = true
      work ??= Promise.resolve().then(write)
    },
    settled: () => work ?? Promise.resolve(),
  }
}
