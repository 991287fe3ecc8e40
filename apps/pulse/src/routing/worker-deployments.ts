import type { KubeObject } from '@pulse/api'
import type { Standing } from '@pulse/gateway'
import { readLifeRecord } from './life-record.ts'

export interface WorkerStanding extends Standing {
  readonly resourceVersion: string
}

/** How the Deployments of workers stand, each by `{namespace}/{name}`: the record alone is kept. */
export interface WorkerDeployments {
  note(deployment: KubeObject, gone: boolean): void
  find(key: string): WorkerStanding | undefined
}

export function createWorkerDeployments(): WorkerDeployments {
  const standings = new Map<string, WorkerStanding>()
  return {
    note(deployment, gone) {
      const key = deploymentKey(deployment)
      if (gone) return void standings.delete(key)
      const standing = standingOf(deployment)
      // A watch may be behind what was answered to a write.
      if (standing.version >= (standings.get(key)?.version ?? 0)) standings.set(key, standing)
    },
    find: (key) => standings.get(key),
  }
}

export function standingOf(deployment: KubeObject): WorkerStanding {
  const { resourceVersion = '0' } = deployment.metadata
  // Of one kind they can be compared as numbers, here and since 1.35 in Kubernetes.
  return { record: readLifeRecord(deployment), version: Number(resourceVersion), resourceVersion }
}

function deploymentKey({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`
}
