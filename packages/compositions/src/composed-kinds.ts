import { apiVersion } from '@pulse/api'

interface KindReference {
  readonly apiVersion: string
  readonly kind: string
}

const core = (kind: string): KindReference => ({ apiVersion: 'v1', kind })
const rbac = (kind: string): KindReference => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
})

const shared: readonly KindReference[] = [
  core('Namespace'),
  core('Secret'),
  core('ConfigMap'),
  core('PersistentVolumeClaim'),
  core('Service'),
  core('Pod'),
  core('ResourceQuota'),
  core('LimitRange'),
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'batch/v1', kind: 'Job' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
  { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute' },
  rbac('Role'),
  rbac('RoleBinding'),
]

/** What each composition may emit or ask to see: whoever runs it watches these kinds. */
export const composedKinds = {
  client: [{ apiVersion, kind: 'TenantEnvironment' }],
  environment: [
    ...shared,
    core('Node'),
    { apiVersion, kind: 'PLANAClient' },
    { apiVersion, kind: 'TemplateSnapshot' },
  ],
  pool: [...shared, { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' }],
  template: [
    core('ConfigMap'),
    { apiVersion: 'batch/v1', kind: 'Job' },
    rbac('Role'),
    rbac('RoleBinding'),
  ],
} as const satisfies Readonly<Record<string, readonly KindReference[]>>
