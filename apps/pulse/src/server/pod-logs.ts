import { type KubeObject, StatusError } from '@pulse/api'
import type { OpenLog, PodRunner } from '@pulse/engine'

/** The log endpoint of the API over the files of the pod runner. */
export function openLogOf(runner: PodRunner): OpenLog {
  return async ({ pod, container, previous, follow, tailLines, sinceTime, limitBytes }, signal) => {
    const request = {
      uid: pod.metadata.uid ?? '',
      container,
      previous,
      follow,
      tailLines,
      sinceTime,
      limitBytes,
    }
    const log = runner.openLog(request, signal)
    if (log) return log
    throw new StatusError(
      'BadRequest',
      `${nameOf(pod)} has no log of container "${container}" here`,
    )
  }
}

function nameOf({ metadata }: KubeObject): string {
  return `pod "${metadata.name}"`
}
