import { type KubeObject, recordOf } from '@pulse/api'
import type { Cluster } from './context.ts'

/** The pods that a Deployment's own selector chooses. */
export async function workerPods(
  cluster: Pick<Cluster, 'list'>,
  { metadata, spec }: KubeObject,
): Promise<readonly KubeObject[]> {
  const labels = Object.entries(recordOf(recordOf(recordOf(spec).selector).matchLabels))
  const { items } = await cluster.list({
    apiVersion: 'v1',
    kind: 'Pod',
    ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
    labelSelector: labels.map(([key, value]) => `${key}=${value}`).join(','),
  })
  return items
}
