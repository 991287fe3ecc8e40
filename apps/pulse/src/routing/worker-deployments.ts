import { type KubeObject, recordOf, valueAt } from '@pulse/api'
import type { Standing } from '@pulse/gateway'
import { readLifeRecord } from './life-record.ts'

export interface WorkerStanding extends Standing {
  readonly resourceVersion: string
  /** HTTP worker processes of each pod; 0: threads of one process. */
  readonly processes: number
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
  const version = Number(resourceVersion)
  const processes = processesOf(deployment)
  return { record: readLifeRecord(deployment), version, resourceVersion, processes }
}

/** As Odoo is told: `--workers=4`. */
function processesOf({ spec }: KubeObject): number {
  const containers = valueAt(spec, 'template.spec.containers')
  const args = [containers].flat().flatMap((container) => recordOf(container).args ?? [])
  const told = args.map((arg) => /^--workers=(\d+)$/.exec(String(arg))?.[1])
  return Number(told.find((count) => count !== undefined) ?? 0)
}

function deploymentKey({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`
}
