import {
  chosenPods,
  environmentNames,
  type KubeObject,
  machineDomains,
  plainLine,
  recordOf,
  stoppedReason,
} from '@pulse/api'
import { readEnvironment } from '../routing/tenant-resources.ts'
import type { Cluster } from './context.ts'
import type { EnvironmentMeant } from './life-section.ts'
import { ageOf } from './print.ts'

/** How a container of a worker ended last, when that was no good end. */
export interface Crash {
  readonly pod: string
  readonly container: string
  readonly exitCode: number
  readonly reason: string
  readonly finishedAt: string
  /** It does not serve since. */
  readonly isDown: boolean
  readonly restarts: number
  /** The end of its log. */
  readonly words: readonly string[]
}

/** What has come up again is told of for so long: then it is history. */
const recentMs = 3_600_000
/** The workers of a pool crash for the same reason, mostly. */
const mostCrashes = 3
const mostLines = 10

/** Crashes of the workers that serve an environment, its own or those of its pool, the newest first. */
export async function readCrashes(
  cluster: Pick<Cluster, 'get' | 'list'>,
  meant: EnvironmentMeant,
  now: Date,
): Promise<readonly Crash[]> {
  const { apiVersion, kind, name } = meant
  const environment = await cluster.get({ apiVersion, kind, name })
  const routed = environment && readEnvironment(environment)
  if (routed === undefined) return []
  const { namespace, deployment } = environmentNames(routed.identity, machineDomains)
  const place = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: deployment }
  const workers = await cluster.get(place)
  if (workers === undefined) return []
  const { items: pods } = await cluster.list(chosenPods(workers))
  return pods
    .flatMap(crashesOf)
    .filter(({ isDown, finishedAt }) => isDown || now.getTime() - Date.parse(finishedAt) < recentMs)
    .toSorted((one, other) => Date.parse(other.finishedAt) - Date.parse(one.finishedAt))
    .slice(0, mostCrashes)
}

/** The section's lines, without their indentation. */
export function crashLines(crashes: readonly Crash[], now: Date): readonly string[] {
  return crashes.flatMap(({ pod, container, exitCode, reason, finishedAt, restarts, words }) => [
    `pod/${pod} (${container}): ${reason}, exit code ${exitCode}, ${ageOf(finishedAt, now)} ago, restarts: ${restarts}`,
    ...words.map((line) => `  ${line}`),
  ])
}

function crashesOf({ metadata, status }: KubeObject): readonly Crash[] {
  const { initContainerStatuses, containerStatuses } = recordOf(status)
  return [initContainerStatuses, containerStatuses].flatMap((list) =>
    (Array.isArray(list) ? list : []).map(recordOf).flatMap((container) => {
      const { name, ready, restartCount, state, lastState } = container
      // Between two tries it has ended now; while the next one runs or is waited for, before.
      const ended = recordOf(recordOf(state).terminated ?? recordOf(lastState).terminated)
      const exitCode = Number(ended.exitCode ?? 0)
      if (exitCode === 0 || ended.reason === stoppedReason) return []
      return {
        pod: metadata.name,
        container: String(name),
        exitCode,
        reason: String(ended.reason ?? 'Error'),
        finishedAt: String(ended.finishedAt ?? ''),
        isDown: ready !== true,
        restarts: Number(restartCount ?? 0),
        words: lastLines(String(ended.message ?? '')),
      }
    }),
  )
}

/** A tenant's code has written them: they must move nothing on the terminal of an operator. */
function lastLines(log: string): readonly string[] {
  return log
    .split(/\r?\n/)
    .map(plainLine)
    .filter((line) => line.trim() !== '')
    .slice(-mostLines)
}
