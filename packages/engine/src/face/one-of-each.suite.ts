import type { KubeObject } from '@pulse/api'
import { client } from './harness.suite.ts'

/** One legal object of every kind that is served, the namespaced ones in `acme`; owners come first. */
export function makeOneOfEach(): readonly KubeObject[] {
  const own = 'planapulse.com/v1alpha1'
  const rbac = 'rbac.authorization.k8s.io/v1'
  const main = { name: 'main', image: 'a', ports: [{ containerPort: 80 }] }
  const labels = { app: 'web' }
  const podTemplate = { metadata: { labels }, spec: { containers: [main] } }
  const task = {
    spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'succeed' }] },
  }
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]
  const subjects = [{ kind: 'ServiceAccount', name: 'account', namespace: 'acme' }]
  const roleRef = (kind: string, name: string) => ({
    apiGroup: 'rbac.authorization.k8s.io',
    kind,
    name,
  })
  return [
    client('acme'),
    cluster(own, 'TenantEnvironment', 'acme-prod', { spec: { client: 'acme', name: 'prod' } }),
    cluster(own, 'EnvironmentBackup', 'backup', { spec: { environment: 'acme-prod' } }),
    cluster(own, 'EnvironmentRestore', 'restore', {
      spec: { environment: 'acme-prod', backup: 'latest', mode: 'clone', target: 'test' },
    }),
    cluster(own, 'TenantUpgrade', 'upgrade', {
      spec: { slug: 'acme', fromVersion: '18', toVersion: '18', strategy: 'same-major' },
    }),
    cluster(own, 'TemplateSnapshot', 'basic-18', {
      spec: { edition: 'basic', odooVersion: '18' },
    }),
    cluster('v1', 'Namespace', 'shown', {}),
    cluster('v1', 'Node', 'machine', {}),
    cluster(rbac, 'ClusterRole', 'reader', { rules }),
    cluster(rbac, 'ClusterRoleBinding', 'readers', {
      roleRef: roleRef('ClusterRole', 'reader'),
      subjects,
    }),
    inside('v1', 'Secret', 'secret', { stringData: { key: 'value' } }),
    inside('v1', 'ConfigMap', 'facts', { data: { key: 'value' } }),
    inside('v1', 'PersistentVolumeClaim', 'filestore', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }),
    inside('v1', 'ServiceAccount', 'account', {}),
    inside('v1', 'ResourceQuota', 'quota', { spec: { hard: { pods: '10' } } }),
    inside('v1', 'LimitRange', 'limits', {
      spec: { limits: [{ type: 'Container', default: { cpu: '1' } }] },
    }),
    inside('v1', 'Pod', 'alone', { spec: { containers: [main] } }),
    inside('v1', 'Service', 'web', {
      spec: { clusterIP: 'None', selector: labels, ports: [{ name: 'http', port: 80 }] },
    }),
    inside('v1', 'Event', 'event', {
      involvedObject: { apiVersion: 'v1', kind: 'Pod', name: 'alone', namespace: 'acme' },
      ...{ type: 'Normal', reason: 'Seen', message: 'seen', count: 1 },
      ...{ firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:00:00Z' },
    }),
    inside('apps/v1', 'Deployment', 'web', {
      spec: { selector: { matchLabels: labels }, template: podTemplate },
    }),
    inside('apps/v1', 'ReplicaSet', 'single', {
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'single' } },
        template: { ...podTemplate, metadata: { labels: { app: 'single' } } },
      },
    }),
    inside('batch/v1', 'Job', 'done', { spec: { template: task } }),
    inside('batch/v1', 'CronJob', 'nightly', {
      spec: { schedule: '0 2 * * *', jobTemplate: { spec: { template: task } } },
    }),
    inside('discovery.k8s.io/v1', 'EndpointSlice', 'slice', {
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 80 }],
      endpoints: [{ addresses: ['127.64.1.9'] }],
    }),
    inside('gateway.networking.k8s.io/v1', 'HTTPRoute', 'route', {
      spec: {
        parentRefs: [{ name: 'pulse' }],
        hostnames: ['acme.localhost'],
        rules: [{ backendRefs: [{ name: 'web', port: 80 }] }],
      },
    }),
    inside('networking.k8s.io/v1', 'NetworkPolicy', 'policy', {
      spec: { podSelector: {}, policyTypes: ['Ingress'] },
    }),
    inside('autoscaling/v2', 'HorizontalPodAutoscaler', 'scaler', {
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      },
    }),
    inside('policy/v1', 'PodDisruptionBudget', 'budget', {
      spec: { minAvailable: 1, selector: { matchLabels: labels } },
    }),
    inside('coordination.k8s.io/v1', 'Lease', 'lease', { spec: { holderIdentity: 'somebody' } }),
    inside(rbac, 'Role', 'reader', { rules }),
    inside(rbac, 'RoleBinding', 'readers', { roleRef: roleRef('Role', 'reader'), subjects }),
  ]
}

function cluster(apiVersion: string, kind: string, name: string, content: object): KubeObject {
  return { apiVersion, kind, metadata: { name }, ...content }
}

function inside(apiVersion: string, kind: string, name: string, content: object): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace: 'acme' }, ...content }
}
