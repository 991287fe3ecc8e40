import { isRecord } from '@pulse/api'
import { accept, get, ownGroup, post } from './calls.suite.ts'
import type { Story } from './story.suite.ts'

/** The groups of which both servers have kinds. */
const groups = [
  'apps',
  'autoscaling',
  'batch',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
]

/** Kinds of Kubernetes that Pulse serves, in the groups that are compared. */
const ownResources = [
  'planaclients',
  'planaclients/status',
  'templatesnapshots',
  'templatesnapshots/status',
  'configmaps',
  'secrets',
  'namespaces',
  'namespaces/status',
  'pods',
  'pods/status',
  'pods/log',
  'services',
  'services/status',
  'events',
  'nodes',
  'nodes/status',
  'serviceaccounts',
  'persistentvolumeclaims',
  'persistentvolumeclaims/status',
  'resourcequotas',
  'resourcequotas/status',
  'limitranges',
  'deployments',
  'deployments/status',
  'deployments/scale',
  'replicasets',
  'replicasets/status',
  'replicasets/scale',
  'jobs',
  'jobs/status',
  'cronjobs',
  'cronjobs/status',
  'roles',
  'rolebindings',
  'clusterroles',
  'clusterrolebindings',
]

const ownVersions = ['v1', 'v1alpha1', 'v2']

const documents = [
  '/api/v1',
  ownGroup,
  '/apis/apps/v1',
  '/apis/batch/v1',
  '/apis/rbac.authorization.k8s.io/v1',
]

export const discoveryStories: readonly Story[] = [
  {
    name: 'discovery',
    rows: [
      { title: 'the core group', call: get('/api'), view: without('serverAddressByClientCIDRs') },
      {
        title: 'all groups',
        call: get('/apis'),
        view: only('groups', 'name', ['planapulse.com', 'batch']),
      },
      ...['planapulse.com', 'apps', 'batch'].map((group) => ({
        title: `the group ${group}`,
        call: get(`/apis/${group}`),
      })),
      ...documents.map((path) => ({
        title: `the kinds below ${path}`,
        call: get(path),
        view: only('resources', 'name', ownResources),
      })),
      { title: 'a group that nobody has', call: get('/apis/none.example') },
      { title: 'a version that nobody has', call: get('/apis/apps/v9') },
      { title: 'a version of the core group that nobody has', call: get('/api/v9') },
      {
        title: 'the core group, aggregated',
        call: get('/api', { accept: accept.discovery }),
        view: aggregated,
      },
      {
        title: 'all groups, aggregated',
        call: get('/apis', { accept: accept.discovery }),
        view: aggregated,
      },
      {
        title: 'aggregated, as it is known already',
        call: (seen) =>
          get('/apis', {
            accept: accept.discovery,
            headers: { 'If-None-Match': seen.header('all groups, aggregated', 'etag') },
          }),
      },
      {
        title: 'aggregated, where older documents are preferred',
        call: get('/apis', { accept: `application/json, ${accept.discovery}` }),
        view: only('groups', 'name', ['planapulse.com']),
      },
      {
        title: 'aggregated, as kubectl asks',
        call: get('/apis', {
          accept: `${accept.discovery},${accept.discovery.replace('v=v2', 'v=v2beta1')},application/json`,
        }),
        view: aggregated,
      },
      {
        title: 'discovery in a form that nobody has',
        call: get('/apis', { accept: 'text/html' }),
        view: () => undefined,
      },
      {
        title: 'version',
        call: get('/version'),
        view: (body) =>
          isRecord(body) &&
          Object.keys(body)
            .filter((key) => !key.startsWith('emulation') && !key.startsWith('minCompat'))
            .map((key) => [key, typeof body[key]])
            .toSorted(),
      },
    ],
  },
  {
    name: 'open-api',
    rows: [
      { title: 'the index', call: get('/openapi/v3'), view: addresses },
      {
        title: 'a document',
        call: get('/openapi/v3/apis/planapulse.com/v1alpha1'),
        view: (body) => isRecord(body) && [body.openapi, Object.keys(body).toSorted()],
      },
      {
        title: 'a document by its hash',
        call: (seen) => get(seen.text('the index', 'paths', 'apis/apps/v1', 'serverRelativeURL')),
        view: (body) => isRecord(body) && body.openapi,
      },
      {
        title: 'a document by an old hash',
        call: get('/openapi/v3/apis/apps/v1?hash=OLD'),
        view: () => undefined,
      },
      { title: 'a document of nobody', call: get('/openapi/v3/apis/none.example/v1') },
    ],
  },
  {
    name: 'paths',
    rows: [
      { title: 'the root of nothing', call: get('/nothing') },
      { title: 'a kind that nobody has', call: get('/api/v1/nothings') },
      { title: 'a kind of ours that nobody has', call: get(`${ownGroup}/nothings`) },
      { title: 'an object of a kind that nobody has', call: get(`${ownGroup}/nothings/a`) },
      { title: 'a kind in a version that nobody has', call: get('/apis/apps/v9/deployments') },
      {
        title: 'a kind of the cluster inside a namespace',
        call: get('/api/v1/namespaces/paths/nodes'),
      },
      {
        title: 'our kind inside a namespace',
        call: get(`${ownGroup}/namespaces/paths/planaclients`),
      },
      { title: 'a subresource that nobody has', call: get(`${ownGroup}/planaclients/a/nothing`) },
      {
        title: 'a subresource of a kind without it',
        call: get('/api/v1/namespaces/paths/configmaps/a/status'),
      },
      { title: 'the scale of our kind', call: get(`${ownGroup}/planaclients/a/scale`) },
      {
        title: 'a path that ends with a slash',
        call: get('/api/v1/namespaces/paths/configmaps/'),
        view: kindOf,
      },
      { title: 'a path with two slashes', call: get('/api/v1//configmaps'), view: kindOf },
      {
        title: 'PUT on a collection',
        call: { method: 'PUT', path: '/api/v1/namespaces/paths/configmaps', body: {} },
      },
      {
        title: 'PUT on a collection of ours',
        call: { method: 'PUT', path: `${ownGroup}/planaclients`, body: {} },
      },
      {
        title: 'PATCH on a collection of ours',
        call: { method: 'PATCH', path: `${ownGroup}/planaclients`, body: {} },
      },
      { title: 'POST on an object', call: post('/api/v1/namespaces/paths/configmaps/a', {}) },
      { title: 'POST on an object of ours', call: post(`${ownGroup}/planaclients/a`, {}) },
      {
        title: 'POST in no namespace',
        call: post('/api/v1/configmaps', {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'a' },
        }),
      },
      { title: 'DELETE in no namespace', call: { method: 'DELETE', path: '/api/v1/configmaps' } },
      { title: 'GET of a name in no namespace', call: get('/api/v1/configmaps/a') },
      {
        title: 'a verb of nobody',
        call: { method: 'PROPFIND', path: '/api/v1/namespaces/paths/configmaps' },
      },
      {
        title: 'a verb of nobody on our kind',
        call: { method: 'PROPFIND', path: `${ownGroup}/planaclients` },
      },
      {
        title: 'DELETE of a status',
        call: { method: 'DELETE', path: `${ownGroup}/planaclients/a/status` },
      },
      { title: 'POST to discovery', call: post('/apis', {}) },
      { title: 'POST to a discovery document', call: post('/apis/apps/v1', {}) },
      { title: 'DELETE of the version', call: { method: 'DELETE', path: '/version' } },
      { title: 'HEAD of a collection', call: { method: 'HEAD', path: `${ownGroup}/planaclients` } },
    ],
  },
  {
    name: 'identity',
    rows: [
      { title: 'no token', call: get('/api/v1/namespaces', { token: '' }) },
      { title: 'a wrong token', call: get('/api/v1/namespaces', { token: 'wrong' }) },
      { title: 'a wrong token for discovery', call: get('/apis', { token: 'wrong' }) },
      { title: 'a wrong token for what nobody has', call: get('/nothing', { token: 'wrong' }) },
      { title: 'no token, to write', call: post(`${ownGroup}/planaclients`, {}, { token: '' }) },
      {
        title: 'another scheme',
        call: get('/apis', { token: '', headers: { Authorization: 'Basic YTpi' } }),
      },
      {
        title: 'the scheme in lower case',
        call: get('/api', { token: '', headers: { Authorization: 'bearer wrong' } }),
      },
      ...['/healthz', '/livez', '/readyz'].map((path) => ({
        title: `${path} without a token`,
        call: get(path, { token: '' }),
      })),
    ],
  },
]

/** Of a list in the body, the named members in the order of their names. */
function only(list: string, key: string, names: readonly string[]) {
  return (body: unknown): unknown => {
    if (!isRecord(body) || !Array.isArray(body[list])) return body
    const members = body[list]
      .filter((member) => names.includes(member[key]))
      .toSorted((a, b) => String(a[key]).localeCompare(String(b[key])))
    return { ...body, [list]: members.map(inOrder) }
  }
}

function without(key: string) {
  return (body: unknown): unknown => {
    if (!isRecord(body)) return body
    const { [key]: _, ...rest } = body
    return rest
  }
}

/** Neither the order of verbs nor a list of nothing says anything; how a cluster stores a kind is its own business. */
function inOrder(member: Readonly<Record<string, unknown>>) {
  const { storageVersionHash, shortNames, categories, verbs, subresources, ...rest } = member
  const known = listOf(subresources).filter(({ subresource }) =>
    ownResources.includes(`${member.resource}/${subresource}`),
  )
  return {
    ...rest,
    ...(Array.isArray(shortNames) && shortNames.length > 0 && { shortNames }),
    ...(Array.isArray(categories) && categories.length > 0 && { categories }),
    verbs: sortedVerbs(verbs),
    ...(known.length > 0 && {
      subresources: known
        .map((one) => ({ ...one, verbs: sortedVerbs(one.verbs) }))
        .toSorted(byKey('subresource')),
    }),
  }
}

function sortedVerbs(verbs: unknown): unknown {
  return Array.isArray(verbs) ? verbs.toSorted() : verbs
}

function listOf(value: unknown) {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

function byKey(key: string) {
  return (a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>) =>
    String(a[key]).localeCompare(String(b[key]))
}

/** Of each group that both have, the one version and the resources that both have, by name. */
function aggregated(body: unknown): unknown {
  if (!isRecord(body) || !Array.isArray(body.items)) return body
  const items = body.items.flatMap((item) => {
    const { name } = item.metadata
    if (name !== undefined && name !== 'planapulse.com' && !groups.includes(name)) return []
    const served = item.versions.filter(({ version }: { version: string }) =>
      ownVersions.includes(version),
    )
    const versions = served.map((version: Readonly<Record<string, unknown>>) =>
      only('resources', 'resource', ownResources)(version),
    )
    return [{ ...item, versions }]
  })
  return {
    ...body,
    items: items.toSorted((a, b) => String(a.metadata.name).localeCompare(String(b.metadata.name))),
  }
}

function addresses(body: unknown): unknown {
  if (!isRecord(body) || !isRecord(body.paths)) return body
  return ['api/v1', 'apis/apps/v1', 'apis/planapulse.com/v1alpha1'].map((path) => {
    const entry = isRecord(body.paths) ? body.paths[path] : undefined
    return (
      isRecord(entry) && String(entry.serverRelativeURL).replace(/hash=[0-9A-F]+$/, 'hash=<hash>')
    )
  })
}

/** What a list is, without what is in it. */
function kindOf(body: unknown): unknown {
  return isRecord(body) && !Array.isArray(body.items) ? body : isRecord(body) && body.kind
}
