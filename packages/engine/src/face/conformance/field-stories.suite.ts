import { isRecord, recordAt, recordOf, textAt } from '@pulse/api'
import { configMap, deployment, get, inside, patch, post, put } from './calls.suite.ts'
import type { Row, Story } from './story.suite.ts'

const labels = { app: 'a' }
const podSpec = { containers: [{ name: 'main', image: 'image', unheard: 1 }] }
const podTemplate = { metadata: { labels }, spec: podSpec }
const deployments = inside('fields', 'deployments', 'apps/v1')
const maps = inside('fields', 'configmaps')

interface Sample {
  readonly apiVersion: string
  readonly plural: string
  readonly kind: string
  /** What it is made of, with a field that no kind has. */
  readonly content: object
}

/** Kinds whose fields lie deep or at the top, are many or few. */
const samples: readonly Sample[] = [
  {
    ...{ apiVersion: 'v1', plural: 'pods', kind: 'Pod' },
    content: { spec: { ...podSpec, automountServiceAccountToken: false } },
  },
  {
    ...{ apiVersion: 'v1', plural: 'services', kind: 'Service' },
    content: { spec: { clusterIP: 'None', ports: [{ port: 80, unheard: 1 }] } },
  },
  {
    ...{ apiVersion: 'v1', plural: 'secrets', kind: 'Secret' },
    content: { unheard: { a: 'b' } },
  },
  {
    ...{ apiVersion: 'v1', plural: 'persistentvolumeclaims', kind: 'PersistentVolumeClaim' },
    content: {
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' }, unheard: 1 },
      },
    },
  },
  {
    ...{ apiVersion: 'apps/v1', plural: 'replicasets', kind: 'ReplicaSet' },
    content: { spec: { selector: { matchLabels: labels }, template: podTemplate } },
  },
  {
    ...{ apiVersion: 'batch/v1', plural: 'jobs', kind: 'Job' },
    content: { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } },
  },
  {
    ...{ apiVersion: 'batch/v1', plural: 'cronjobs', kind: 'CronJob' },
    content: {
      spec: {
        schedule: '0 2 * * *',
        jobTemplate: { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } },
      },
    },
  },
  {
    ...{
      apiVersion: 'networking.k8s.io/v1',
      plural: 'networkpolicies',
      kind: 'NetworkPolicy',
    },
    content: { spec: { podSelector: { unheard: {} }, policyTypes: ['Ingress'] } },
  },
  {
    ...{ apiVersion: 'coordination.k8s.io/v1', plural: 'leases', kind: 'Lease' },
    content: { spec: { holderIdentity: 'a', unheard: 1 } },
  },
  {
    ...{ apiVersion: 'discovery.k8s.io/v1', plural: 'endpointslices', kind: 'EndpointSlice' },
    content: {
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.1.2.3'], conditions: { unheard: true } }],
    },
  },
  {
    ...{ apiVersion: 'policy/v1', plural: 'poddisruptionbudgets', kind: 'PodDisruptionBudget' },
    content: { spec: { minAvailable: 1, selector: { matchLabels: labels }, unheard: 1 } },
  },
  {
    ...{ apiVersion: 'rbac.authorization.k8s.io/v1', plural: 'roles', kind: 'Role' },
    content: { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'], unheard: 1 }] },
  },
]

/** What is compared elsewhere, or set by a cluster alone: here only whether it was taken, and what was said. */
const unseen = () => undefined

const unheardOf: readonly Row[] = samples.flatMap(({ apiVersion, plural, kind, content }) => {
  const path = inside('fields', plural, apiVersion)
  const object = { apiVersion, kind, metadata: { name: 'a' }, ...content }
  return [
    { title: `${kind}: strictly`, call: post(`${path}?fieldValidation=Strict`, object) },
    { title: `${kind}: with a warning`, call: post(path, object), view: unseen },
  ]
})

/** Matches what a deployment of this name selects. */
const several = {
  unheard: 1,
  template: { metadata: { labels: { app: 'several' } }, spec: podSpec },
}

const container = (fields: object) =>
  deployment('typed', {
    template: { ...podTemplate, spec: { containers: [{ name: 'main', image: 'a', ...fields }] } },
  })

const wrongTypes: readonly (readonly [what: string, object: object])[] = [
  ['a fraction for a number', deployment('typed', { replicas: 1.5 })],
  ['a number for a flag', deployment('typed', { paused: 1 })],
  ['a word for a record', deployment('typed', { template: 'x' })],
  ['a list for a record', deployment('typed', { strategy: [] })],
  ['a record for a list', container({ env: {} })],
  ['a word for a list', container({ args: 'a b' })],
  ['a number for a word', container({ env: [{ name: 'A', value: 1 }] })],
  ['a flag for an amount', container({ resources: { limits: { cpu: true } } })],
  ['a record for a port', container({ livenessProbe: { httpGet: { port: {} } } })],
]

/** The fields of a document's types, each with what it holds: `DeploymentSpec.replicas` is `integer`. */
function fieldsOf(kinds: readonly string[]) {
  return (body: unknown) => {
    const schemas = recordAt(body, 'components.schemas') ?? {}
    const found = new Map<string, string>()
    const seen = new Set<string>()
    const typeOf = (schema: unknown): string => {
      const { allOf, items, additionalProperties, type, $ref, oneOf } = recordOf(schema)
      const reference = textAt(Array.isArray(allOf) ? allOf[0] : schema, '$ref') ?? $ref
      if (typeof reference === 'string') return collect(reference.split('/').at(-1) ?? '')
      if (items !== undefined) return `[]${typeOf(items)}`
      if (isRecord(additionalProperties)) return `{}${typeOf(additionalProperties)}`
      return oneOf === undefined ? String(type) : 'one of some'
    }
    const collect = (name: string): string => {
      const short = name.split('.').at(-1) ?? ''
      const { properties } = recordOf(schemas[name])
      if (seen.has(name) || !isRecord(properties)) return short
      seen.add(name)
      for (const [field, schema] of Object.entries(properties)) {
        found.set(`${short}.${field}`, typeOf(schema))
      }
      return short
    }
    for (const name of Object.keys(schemas)) {
      if (kinds.includes(name.split('.').at(-1) ?? '')) collect(name)
    }
    return Object.fromEntries(found)
  }
}

const described: Readonly<Record<string, readonly string[]>> = {
  'api/v1': [
    'Namespace',
    'Secret',
    'ConfigMap',
    'PersistentVolumeClaim',
    'ServiceAccount',
    'Service',
    'Event',
    'Node',
    'Pod',
    'ResourceQuota',
    'LimitRange',
  ],
  'apis/apps/v1': ['Deployment', 'ReplicaSet'],
  'apis/batch/v1': ['Job', 'CronJob'],
  'apis/discovery.k8s.io/v1': ['EndpointSlice'],
  'apis/networking.k8s.io/v1': ['NetworkPolicy'],
  'apis/autoscaling/v2': ['HorizontalPodAutoscaler'],
  'apis/policy/v1': ['PodDisruptionBudget'],
  'apis/rbac.authorization.k8s.io/v1': ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'],
  'apis/coordination.k8s.io/v1': ['Lease'],
}

export const fieldStories: readonly Story[] = [
  {
    name: 'fields',
    rows: [
      ...Object.entries(described).map(([path, kinds]) => ({
        title: `of the kinds below ${path}`,
        call: get(`/openapi/v3/${path}`),
        view: fieldsOf(kinds),
      })),
      ...unheardOf,
      {
        title: 'several, strictly',
        call: post(`${deployments}?fieldValidation=Strict`, {
          ...deployment('several', several),
          unknown: {},
        }),
      },
      {
        title: 'several, with a warning',
        call: post(deployments, {
          ...deployment('several', several),
          unknown: {},
        }),
      },
      {
        title: 'several, ignored',
        call: post(`${deployments}?fieldValidation=Ignore`, {
          ...deployment('ignored', {
            ...several,
            selector: { matchLabels: { app: 'several' } },
          }),
          unknown: {},
        }),
      },
      ...wrongTypes.map(([what, object]) => ({ title: what, call: post(deployments, object) })),
      { title: 'a map', call: post(maps, configMap('a')) },
      {
        title: 'update, strictly',
        call: put(`${maps}/a?fieldValidation=Strict`, configMap('a', { unheard: 1 })),
      },
      {
        title: 'update, with a warning',
        call: put(`${maps}/a`, configMap('a', { unheard: 1, data: { b: '2' } })),
      },
      { title: 'update to another type', call: put(`${maps}/a`, configMap('a', { data: [] })) },
      {
        title: 'merge, strictly',
        call: patch('merge', `${maps}/a?fieldValidation=Strict`, { unheard: 1 }),
      },
      {
        title: 'merge, with a warning',
        call: patch('merge', `${maps}/a`, { unheard: 1, data: { c: '3' } }),
      },
      {
        title: 'strategic, strictly',
        call: patch('strategic', `${deployments}/several?fieldValidation=Strict`, {
          spec: { template: { spec: { containers: [{ name: 'main', unheard: 1 }] } } },
        }),
      },
      {
        title: 'strategic, with a warning',
        call: patch('strategic', `${deployments}/several`, {
          spec: { template: { spec: { containers: [{ name: 'main', unheard: 1, tty: true }] } } },
        }),
      },
      {
        title: 'JSON, strictly',
        call: patch('json', `${maps}/a?fieldValidation=Strict`, [
          { op: 'add', path: '/unheard', value: 1 },
        ]),
      },
      {
        title: 'JSON, with a warning',
        call: patch('json', `${maps}/a`, [
          { op: 'add', path: '/unheard', value: {} },
          { op: 'add', path: '/unheard/deep', value: 1 },
          { op: 'add', path: '/data/d', value: '4' },
        ]),
      },
      {
        title: 'apply, strictly',
        call: patch('apply', `${maps}/b?fieldManager=me&fieldValidation=Strict`, {
          ...configMap('b', { unheard: 1 }),
        }),
      },
      {
        title: 'apply, with a warning',
        call: patch('apply', `${maps}/b?fieldManager=me`, configMap('b', { unheard: 1 })),
      },
      {
        title: 'apply another type',
        call: patch('apply', `${maps}/b?fieldManager=me`, configMap('b', { data: { a: 5 } })),
      },
      {
        title: 'a status, with a warning',
        call: patch('merge', `${deployments}/several/status`, {
          status: { unheard: 1, observedGeneration: 1 },
        }),
        view: unseen,
      },
    ],
  },
]
