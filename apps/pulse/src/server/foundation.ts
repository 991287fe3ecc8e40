import { taskNamespace } from '@pulse/api'
import type { Parameters } from '@pulse/compositions'
import type { Objects } from '@pulse/engine'

/** What stands in every installation before the first tenant: where tasks run, and as whom. */
export async function layFoundation(objects: Objects, { gateway, tasks }: Parameters) {
  const labels = { 'app.kubernetes.io/managed-by': 'pulse', 'app.kubernetes.io/part-of': 'pulse' }
  const namespaces = [taskNamespace, gateway.namespace, 'default']
  for (const name of namespaces) {
    await objects.apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } },
      { fieldManager: 'pulse', force: true },
    )
  }
  await objects.apply(
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: tasks.serviceAccount, namespace: taskNamespace, labels },
    },
    { fieldManager: 'pulse', force: true },
  )
}
