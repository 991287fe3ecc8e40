import { type KubeObject, recordOf } from '@pulse/api'
import { labelKeys } from '@pulse/compositions'
import { isDeleting } from '@pulse/engine'
import { readLifeRecord } from '../../routing/life-record.ts'

/** A pod of Odoo and the Deployment that it belongs to. */
export interface Worker {
  readonly pod: KubeObject
  readonly deployment: KubeObject
}

/** What `kubectl rollout restart` writes: a change of it rolls the pods, and tells when that was done last. */
const restartedAt = 'kubectl.kubernetes.io/restartedAt'

/**
 * Whether the workers may be replaced now: they are ours, none of them is coming or going already, and they were not
 * restarted just before, by whomever.
 */
export function mayRecycle(
  { pod, deployment }: Worker,
  { now, pauseMs }: { readonly now: Date; readonly pauseMs: number },
): boolean {
  if (isDeleting(pod) || isDeleting(deployment)) return false
  if (!isOfOdoo(deployment) || !isSettled(deployment)) return false
  const last = Date.parse(templateAnnotations(deployment)[restartedAt] ?? '')
  return Number.isNaN(last) || now.getTime() >= last + pauseMs
}

/** The merge patch that has a new pod started before each old one ends; a Deployment that has changed refuses it. */
export function restartPatch({ metadata: { resourceVersion } }: KubeObject, now: Date) {
  const annotations = { [restartedAt]: `${now.toISOString().slice(0, 19)}Z` }
  return { metadata: { resourceVersion }, spec: { template: { metadata: { annotations } } } }
}

/** How many there are, and of which kind, for those who count them. */
export function kindOfWorkers({ metadata: { labels = {} }, spec }: KubeObject) {
  const { replicas = 1 } = recordOf(spec)
  const hosting = labels[labelKeys.tier] ?? 'none'
  const major = labels[labelKeys.odooVersion] ?? 'none'
  return { count: Number(replicas), labels: { hosting, major } }
}

function isOfOdoo({ metadata: { labels = {} } }: KubeObject): boolean {
  return ['instance', 'pool'].includes(labels[labelKeys.tier] ?? '')
}

/** All its pods are of its present template and serve, and none of them is to sleep. */
function isSettled(deployment: KubeObject): boolean {
  const { metadata, spec, status } = deployment
  const { replicas = 1, paused } = recordOf(spec)
  const seen = recordOf(status)
  const isAll = (field: string) => seen[field] === replicas
  return (
    readLifeRecord(deployment).state === 'up' &&
    paused !== true &&
    seen.observedGeneration === metadata.generation &&
    ['replicas', 'updatedReplicas', 'availableReplicas'].every(isAll)
  )
}

function templateAnnotations({ spec }: KubeObject): Readonly<Record<string, string>> {
  const { annotations } = recordOf(recordOf(recordOf(spec).template).metadata)
  const texts = Object.entries(recordOf(annotations)).map(([key, value]) => [key, String(value)])
  return Object.fromEntries(texts)
}
