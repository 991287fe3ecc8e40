import { isRecord } from '@pulse/api'
import type { Request } from './api.suite.ts'

type More = Omit<Request, 'method' | 'path' | 'body'>

export const get = (path: string, more: More = {}): Request => ({ ...more, path })

export const post = (path: string, body: unknown, more: More = {}): Request => ({
  ...more,
  method: 'POST',
  path,
  body,
})

export const put = (path: string, body: unknown, more: More = {}): Request => ({
  ...more,
  method: 'PUT',
  path,
  body,
})

export const remove = (path: string, body?: unknown, more: More = {}): Request => ({
  ...more,
  method: 'DELETE',
  path,
  ...(body !== undefined && { body }),
})

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const

export const patch = (type: keyof typeof patchTypes, path: string, body: unknown): Request => ({
  method: 'PATCH',
  path,
  body,
  type: patchTypes[type],
})

export const accept = {
  table: 'application/json;as=Table;v=v1;g=meta.k8s.io',
  partial: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  partialList: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  discovery: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
} as const

export const ownGroup = '/apis/planapulse.com/v1alpha1'
export const clients = `${ownGroup}/planaclients`
export const templates = `${ownGroup}/templatesnapshots`

/** `/api/v1/namespaces/reading/configmaps`. */
export const inside = (namespace: string, plural: string, group = 'v1') =>
  `/${group === 'v1' ? 'api' : 'apis'}/${group}/namespaces/${namespace}/${plural}`

export function configMap(name: string, more: Readonly<Record<string, unknown>> = {}) {
  const { metadata, ...rest } = more
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, ...(isRecord(metadata) && metadata) },
    data: { a: '1' },
    ...rest,
  }
}

/** With all that a tier would add, and what an installation puts on at creation: a definition alone knows neither. */
export function client(name: string, spec: Readonly<Record<string, unknown>> = {}) {
  return {
    apiVersion: 'planapulse.com/v1alpha1',
    kind: 'PLANAClient',
    metadata: { name, finalizers: ['planapulse.com/teardown'] },
    spec: {
      subdomain: name,
      projectId: 1,
      tier: 'pro',
      ownerEmail: `owner@${name}.example`,
      ownerName: 'Ada',
      hosting: 'instance',
      resources: 'pro',
      sleep: { enabled: true },
      ...spec,
    },
  }
}

export function template(name: string, spec: Readonly<Record<string, unknown>> = {}) {
  const [edition, odooVersion] = name.split('-')
  return {
    apiVersion: 'planapulse.com/v1alpha1',
    kind: 'TemplateSnapshot',
    metadata: { name },
    spec: { edition, odooVersion, source: { install: {} }, ...spec },
  }
}

export function deployment(name: string, spec: Readonly<Record<string, unknown>> = {}) {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            { name: 'main', image: 'image' },
            { name: 'side', image: 'image' },
          ],
        },
      },
      ...spec,
    },
  }
}
