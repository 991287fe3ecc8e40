import type { KubeObject } from '../object.ts'
import { recordOf } from '../record.ts'

/** What to list for the pods that a Deployment's own selector chooses. */
export function chosenPods({ metadata, spec }: KubeObject) {
  const labels = Object.entries(recordOf(recordOf(recordOf(spec).selector).matchLabels))
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
    labelSelector: labels.map(([key, value]) => `${key}=${value}`).join(','),
  }
}
