import {
  accept,
  configMap,
  deployment,
  get,
  inside,
  post,
  remove,
  template,
  templates,
} from './calls.suite.ts'
import type { Row, Story } from './story.suite.ts'
import { tableView } from './table-view.suite.ts'

/** The same objects whole, as tables, and as metadata alone. */
export const formsStories: readonly Story[] = [
  {
    name: 'forms',
    rows: [
      { title: 'create', call: post(inside('forms', 'configmaps'), configMap('a')) },
      {
        title: 'create a secret',
        call: post(inside('forms', 'secrets'), {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'a' },
          stringData: { a: 'b' },
        }),
      },
      {
        title: 'create a service',
        call: post(inside('forms', 'services'), {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'a' },
          spec: { clusterIP: 'None', selector: { app: 'a' }, ports: [{ port: 80 }] },
        }),
      },
      {
        title: 'create a claim',
        call: post(inside('forms', 'persistentvolumeclaims'), {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: 'a' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        }),
      },
      {
        title: 'create a deployment',
        call: post(inside('forms', 'deployments', 'apps/v1'), deployment('a')),
      },
      { title: 'create a template', call: post(templates, template('basic-17')) },
      {
        title: 'create an account',
        call: post(inside('forms', 'serviceaccounts'), {
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name: 'a' },
        }),
      },
      {
        title: 'create a role',
        call: post(inside('forms', 'roles', 'rbac.authorization.k8s.io/v1'), {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'Role',
          metadata: { name: 'a' },
          rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
        }),
      },
      {
        title: 'create a binding',
        call: post(inside('forms', 'rolebindings', 'rbac.authorization.k8s.io/v1'), {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'RoleBinding',
          metadata: { name: 'a' },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'a' },
          subjects: [{ kind: 'ServiceAccount', name: 'a', namespace: 'forms' }],
        }),
      },
      {
        title: 'create a lease',
        call: post(inside('forms', 'leases', 'coordination.k8s.io/v1'), {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { name: 'a' },
          spec: { holderIdentity: 'me', leaseDurationSeconds: 15 },
        }),
      },
      {
        title: 'create a quota',
        call: post(inside('forms', 'resourcequotas'), {
          apiVersion: 'v1',
          kind: 'ResourceQuota',
          metadata: { name: 'a' },
          spec: { hard: { pods: '5' } },
        }),
      },
      {
        title: 'create limits',
        call: post(inside('forms', 'limitranges'), {
          apiVersion: 'v1',
          kind: 'LimitRange',
          metadata: { name: 'a' },
          spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '5Gi' } }] },
        }),
      },
      {
        title: 'create a policy',
        call: post(inside('forms', 'networkpolicies', 'networking.k8s.io/v1'), {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: { name: 'a' },
          spec: { podSelector: {}, policyTypes: ['Ingress'] },
        }),
      },
      {
        title: 'create a job',
        call: post(inside('forms', 'jobs', 'batch/v1'), {
          apiVersion: 'batch/v1',
          kind: 'Job',
          metadata: { name: 'a' },
          spec: {
            suspend: true,
            template: {
              spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'image' }] },
            },
          },
        }),
        view: withoutGeneratedLabels,
      },
      {
        title: 'create a cron job',
        call: post(inside('forms', 'cronjobs', 'batch/v1'), {
          apiVersion: 'batch/v1',
          kind: 'CronJob',
          metadata: { name: 'a' },
          spec: {
            schedule: '5 4 * * *',
            suspend: true,
            jobTemplate: {
              spec: {
                template: {
                  spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'image' }] },
                },
              },
            },
          },
        }),
      },
      {
        title: 'create a pod',
        call: post(inside('forms', 'pods'), {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'a' },
          spec: { containers: [{ name: 'main', image: 'image' }] },
        }),
      },
      {
        title: 'create an autoscaler',
        call: post(inside('forms', 'horizontalpodautoscalers', 'autoscaling/v2'), {
          apiVersion: 'autoscaling/v2',
          kind: 'HorizontalPodAutoscaler',
          metadata: { name: 'a' },
          spec: {
            scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' },
            minReplicas: 1,
            maxReplicas: 3,
            metrics: [
              {
                type: 'Resource',
                resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
              },
            ],
          },
        }),
      },
      {
        title: 'create a budget',
        call: post(inside('forms', 'poddisruptionbudgets', 'policy/v1'), {
          apiVersion: 'policy/v1',
          kind: 'PodDisruptionBudget',
          metadata: { name: 'a' },
          spec: { minAvailable: 1, selector: { matchLabels: { app: 'a' } } },
        }),
      },
      {
        title: 'create an event',
        call: post(inside('forms', 'events'), {
          apiVersion: 'v1',
          kind: 'Event',
          metadata: { name: 'a' },
          involvedObject: { kind: 'Pod', namespace: 'forms', name: 'a', apiVersion: 'v1' },
          reason: 'Started',
          message: 'It began',
          type: 'Normal',
          source: { component: 'judge' },
          count: 2,
          firstTimestamp: '2026-01-01T00:00:00Z',
          lastTimestamp: '2026-01-01T00:00:00Z',
        }),
      },
      {
        title: 'create a slice',
        call: post(inside('forms', 'endpointslices', 'discovery.k8s.io/v1'), {
          apiVersion: 'discovery.k8s.io/v1',
          kind: 'EndpointSlice',
          metadata: { name: 'a' },
          addressType: 'IPv4',
          endpoints: [{ addresses: ['10.1.2.3'], conditions: { ready: true } }],
          ports: [{ name: 'http', port: 8069, protocol: 'TCP' }],
        }),
      },
      ...[
        ['configmaps', 'v1'],
        ['secrets', 'v1'],
        ['services', 'v1'],
        ['persistentvolumeclaims', 'v1'],
        ['serviceaccounts', 'v1'],
        ['resourcequotas', 'v1'],
        ['limitranges', 'v1'],
        ['pods', 'v1'],
        ['events', 'v1'],
        ['deployments', 'apps/v1'],
        ['replicasets', 'apps/v1'],
        ['jobs', 'batch/v1'],
        ['cronjobs', 'batch/v1'],
        ['roles', 'rbac.authorization.k8s.io/v1'],
        ['rolebindings', 'rbac.authorization.k8s.io/v1'],
        ['leases', 'coordination.k8s.io/v1'],
        ['networkpolicies', 'networking.k8s.io/v1'],
        ['horizontalpodautoscalers', 'autoscaling/v2'],
        ['poddisruptionbudgets', 'policy/v1'],
        ['endpointslices', 'discovery.k8s.io/v1'],
      ].map(
        ([plural = '', group]): Row => ({
          title: `${plural} as a table`,
          call: get(inside('forms', plural, group), { accept: accept.table }),
          view: tableView,
        }),
      ),
      {
        title: 'a namespace as a table',
        call: get('/api/v1/namespaces/forms', { accept: accept.table }),
        view: tableView,
      },
      {
        title: 'templates as a table',
        call: get(templates, { accept: accept.table }),
        view: tableView,
      },
      {
        title: 'one template as a table',
        call: get(`${templates}/basic-17`, { accept: accept.table }),
        view: tableView,
      },
      {
        title: 'a table without objects',
        call: get(`${inside('forms', 'configmaps')}?includeObject=None`, { accept: accept.table }),
        view: tableView,
      },
      {
        title: 'a table with whole objects',
        call: get(`${inside('forms', 'configmaps')}?includeObject=Object`, {
          accept: accept.table,
        }),
        view: tableView,
      },
      {
        title: 'a table with something else',
        call: get(`${inside('forms', 'configmaps')}?includeObject=Other`, { accept: accept.table }),
      },
      {
        title: 'a table of nothing',
        call: get(`${inside('forms', 'configmaps')}?labelSelector=none`, { accept: accept.table }),
        view: tableView,
      },
      {
        title: 'one table',
        call: get(`${inside('forms', 'configmaps')}/a`, { accept: accept.table }),
        view: tableView,
      },
      {
        title: 'a table of another version',
        call: get(inside('forms', 'configmaps'), { accept: accept.table.replace('v=v1', 'v=v2') }),
      },
      {
        title: 'a table as kubectl asks',
        call: get(inside('forms', 'configmaps'), {
          accept: `${accept.table},${accept.table.replace('v=v1', 'v=v1beta1')},application/json`,
        }),
        view: tableView,
      },
      {
        title: 'a refusal where a table was asked for',
        call: get(`${inside('forms', 'configmaps')}/none`, { accept: accept.table }),
      },
      {
        title: 'metadata alone',
        call: get(`${inside('forms', 'configmaps')}/a`, { accept: accept.partial }),
      },
      {
        title: 'metadata of a list',
        call: get(inside('forms', 'configmaps'), { accept: accept.partialList }),
      },
      { title: 'metadata of our list', call: get(templates, { accept: accept.partialList }) },
      {
        title: 'metadata of a list, as of one',
        call: get(inside('forms', 'configmaps'), { accept: accept.partial }),
      },
      {
        title: 'metadata of one, as of a list',
        call: get(`${inside('forms', 'configmaps')}/a`, { accept: accept.partialList }),
      },
      {
        title: 'YAML',
        call: get(`${inside('forms', 'configmaps')}/a`, { accept: 'application/yaml' }),
      },
      { title: 'YAML of ours', call: get(`${templates}/basic-17`, { accept: 'application/yaml' }) },
      { title: 'HTML', call: get(inside('forms', 'configmaps'), { accept: 'text/html' }) },
      { title: 'HTML of ours', call: get(templates, { accept: 'text/html' }) },
      {
        title: 'HTML, or anything',
        call: get(inside('forms', 'configmaps'), { accept: 'text/html,*/*;q=0.1' }),
      },
      {
        title: 'protobuf of ours',
        call: get(templates, { accept: 'application/vnd.kubernetes.protobuf' }),
      },
      {
        title: 'protobuf of ours, or JSON',
        call: get(templates, { accept: 'application/vnd.kubernetes.protobuf,application/json' }),
      },
      { title: 'pretty', call: get(`${inside('forms', 'configmaps')}/a?pretty=true`) },
      { title: 'scale', call: get(`${inside('forms', 'deployments', 'apps/v1')}/a/scale`) },
      {
        title: 'scale as a table',
        call: get(`${inside('forms', 'deployments', 'apps/v1')}/a/scale`, { accept: accept.table }),
      },
      { title: 'status', call: get(`${inside('forms', 'deployments', 'apps/v1')}/a/status`) },
      { title: 'status of ours', call: get(`${templates}/basic-17/status`) },
      { title: 'the template goes', call: remove(`${templates}/basic-17`) },
    ],
  },
]

/** A Job names its pods after its uid. */
function withoutGeneratedLabels(body: unknown): unknown {
  return JSON.parse(
    JSON.stringify(body, (key, value) => (/(^|\/)controller-uid$/.test(key) ? '<uid>' : value)),
  )
}
