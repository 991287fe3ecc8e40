import { createHash } from 'node:crypto'
import { apiVersionOf, type KindDefinition } from '@pulse/api'
import { type Answer, jsonAnswer } from './answer.ts'
import type { Call } from './call.ts'
import { type GroupVersion, groupVersionsOf } from './group-versions.ts'
import { wantsAggregatedDiscovery } from './negotiation.ts'
import { metricsGroup, metricsResources } from './pod-metrics.ts'
import { reviewsOf } from './reviews.ts'
import { resourceVerbs, subresourcesOf } from './verbs.ts'

const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

/** `/api` and `/apis`: all groups at once (apidiscovery.k8s.io/v2), or their names. */
export function discoveryRoot(call: Call, root: 'api' | 'apis'): Answer {
  const { headers, server } = call
  const all = allGroupVersions(server)
  const members = all.filter(({ group }) => (group === '') === (root === 'api'))
  if (wantsAggregatedDiscovery(headers.accept)) return aggregated(call, members)
  if (root === 'apis') {
    return jsonAnswer({ kind: 'APIGroupList', apiVersion: 'v1', groups: members.map(groupOf) })
  }
  const versions = members.map(({ version }) => version)
  return jsonAnswer({ kind: 'APIVersions', versions, serverAddressByClientCIDRs: [] })
}

/** `/apis/apps`. */
export function discoveryGroup(server: Discovered, group: string): Answer | undefined {
  const found = allGroupVersions(server).find((member) => member.group === group)
  return found && jsonAnswer({ kind: 'APIGroup', apiVersion: 'v1', ...groupOf(found) })
}

/** `/api/v1`, `/apis/apps/v1`. */
export function discoveryVersion(server: Discovered, groupVersion: string): Answer | undefined {
  const found = allGroupVersions(server).find((member) => apiVersionOf(member) === groupVersion)
  if (!found) return undefined
  return jsonAnswer({
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources: [
      ...found.kinds.flatMap(resourcesOf),
      ...reviewsOf(found).map(reviewResource),
      ...(found.group === metricsGroup.group ? metricsResources : []),
    ],
  })
}

type Discovered = Pick<Call['server'], 'kinds' | 'podUse'>

/** Groups with kinds, and those that only answer: reviews, and metrics where something is measured. */
function allGroupVersions({ kinds, podUse }: Discovered): readonly GroupVersion[] {
  const groupVersions = groupVersionsOf(kinds.kinds)
  const known = new Set(groupVersions.map(apiVersionOf))
  const virtual = [...reviewsOf(), ...(podUse ? [metricsGroup] : [])].map(({ group, version }) => ({
    group,
    version,
    kinds: [],
  }))
  const missing = new Map(virtual.map((member) => [apiVersionOf(member), member]))
  return [
    ...groupVersions,
    ...[...missing].flatMap(([name, member]) => (known.has(name) ? [] : [member])),
  ]
}

function aggregated({ headers }: Call, members: readonly GroupVersion[]): Answer {
  const body = JSON.stringify({
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: members.map((member) => ({
      metadata: { ...(member.group !== '' && { name: member.group }) },
      versions: [
        {
          version: member.version,
          freshness: 'Current',
          resources: [
            ...member.kinds.map(discoveredResource),
            ...reviewsOf(member).map((review) => ({
              resource: review.plural,
              responseKind: { group: review.group, version: review.version, kind: review.kind },
              scope: 'Cluster',
              singularResource: review.kind.toLowerCase(),
              verbs: ['create'],
            })),
            ...(member.group === metricsGroup.group ? metricsResources.map(discoveredMetrics) : []),
          ],
        },
      ],
    })),
  })
  const etag = `"${createHash('sha256').update(body).digest('hex').toUpperCase()}"`
  const isKnown = headers['if-none-match'] === etag
  return {
    code: isKnown ? 304 : 200,
    contentType: aggregatedType,
    headers: { ETag: etag, Vary: 'Accept', 'Cache-Control': 'public' },
    body: isKnown ? '' : body,
  }
}

function discoveredResource(definition: KindDefinition) {
  const { group, version, kind, plural, singular, shortNames, categories, namespaced } = definition
  const responseKind = { group, version, kind }
  return {
    resource: plural,
    responseKind,
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: resourceVerbs(definition),
    shortNames,
    categories,
    subresources: subresourcesOf(definition).map((subresource) => ({
      subresource: subresource.name,
      responseKind: subresource.responseKind ?? responseKind,
      verbs: subresource.verbs,
    })),
  }
}

function discoveredMetrics({ name, kind, namespaced, verbs }: (typeof metricsResources)[number]) {
  return {
    resource: name,
    responseKind: { ...metricsGroup, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: '',
    verbs,
  }
}

function groupOf({ group, version }: GroupVersion) {
  const only = { groupVersion: apiVersionOf({ group, version }), version }
  return { name: group, versions: [only], preferredVersion: only }
}

function resourcesOf(definition: KindDefinition) {
  const { kind, plural, singular, shortNames, categories, namespaced } = definition
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs: resourceVerbs(definition),
      shortNames,
      categories,
    },
    ...subresourcesOf(definition).map(({ name, verbs, responseKind }) => ({
      name: `${plural}/${name}`,
      singularName: '',
      namespaced,
      kind,
      ...responseKind,
      verbs,
    })),
  ]
}

function reviewResource({ plural, kind }: { readonly plural: string; readonly kind: string }) {
  return {
    name: plural,
    singularName: kind.toLowerCase(),
    namespaced: false,
    kind,
    verbs: ['create'],
  }
}
