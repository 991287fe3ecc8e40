import { type KubeObject, taskNamespace } from '@pulse/api'
import type { Place } from './make-secret.ts'
import type { Parameters } from './parameters.ts'

/** What a task may touch here: these Secrets and this ConfigMap by name, to read them and to fill them. */
export function makeTaskRole(
  { name, namespace, labels }: Place,
  { secrets, configMaps }: { secrets: readonly string[]; configMaps: readonly string[] },
): KubeObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name, namespace, labels },
    rules: [ruleFor('secrets', secrets), ruleFor('configmaps', configMaps)].flat(),
  }
}

/** Gives that role to the service account of tasks. */
export function makeTaskRoleBinding(
  { name, namespace, labels }: Place,
  { tasks }: Parameters,
): KubeObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name, namespace, labels },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name: tasks.serviceAccount, namespace: taskNamespace }],
  }
}

/** `create` cannot be limited by name, so it is not given: compositions make the objects, tasks only fill them. */
function ruleFor(resource: string, resourceNames: readonly string[]) {
  if (resourceNames.length === 0) return []
  return [{ apiGroups: [''], resources: [resource], resourceNames, verbs: ['get', 'patch'] }]
}
