import type { KubeObject } from '../object.ts'
import { isRecord, type UnknownRecord } from '../record.ts'

/** What Kubernetes fills in and our controllers rely on. Source: k8s.io/kubernetes `pkg/apis/core/v1/defaults.go`. */
export function podSpecDefaults(spec: UnknownRecord): UnknownRecord {
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    securityContext: {},
    ...spec,
    ...each(spec, 'containers', containerDefaults),
    ...each(spec, 'initContainers', containerDefaults),
    ...each(spec, 'volumes', volumeDefaults),
  }
}

/** The object with defaults in the pod spec of its `spec.template`. */
export function templateDefaults(spec: UnknownRecord): UnknownRecord {
  const { template } = spec
  if (!isRecord(template) || !isRecord(template.spec)) return spec
  return { ...spec, template: { ...template, spec: podSpecDefaults(template.spec) } }
}

/** Applies defaults to the spec, where there is one that can take them. */
export function specDefaults(
  object: KubeObject,
  defaults: (spec: UnknownRecord) => UnknownRecord,
): KubeObject {
  return isRecord(object.spec) ? { ...object, spec: defaults(object.spec) } : object
}

/** The list with defaults in each item, or nothing where there is no list. */
export function each(
  parent: UnknownRecord,
  name: string,
  defaults: (item: UnknownRecord) => UnknownRecord,
): UnknownRecord {
  const list = parent[name]
  if (!Array.isArray(list)) return {}
  return { [name]: list.map((item: unknown) => (isRecord(item) ? defaults(item) : item)) }
}

function containerDefaults(container: UnknownRecord): UnknownRecord {
  return {
    imagePullPolicy: pullPolicy(container.image),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ...container,
    ...each(container, 'ports', (port) => ({ protocol: 'TCP', ...port })),
    ...each(container, 'env', envDefaults),
    ...probe(container, 'startupProbe'),
    ...probe(container, 'readinessProbe'),
    ...probe(container, 'livenessProbe'),
    resources: resourceDefaults(container.resources),
  }
}

function pullPolicy(image: unknown): string {
  const name = typeof image === 'string' ? image : ''
  if (name.includes('@')) return 'IfNotPresent'
  const [, tag] = /:([^:/]+)$/.exec(name) ?? []
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent'
}

function envDefaults(entry: UnknownRecord): UnknownRecord {
  const { valueFrom } = entry
  if (!isRecord(valueFrom) || !isRecord(valueFrom.fieldRef)) return entry
  return {
    ...entry,
    valueFrom: { ...valueFrom, fieldRef: { apiVersion: 'v1', ...valueFrom.fieldRef } },
  }
}

function probe(container: UnknownRecord, name: string): UnknownRecord {
  const given = container[name]
  if (!isRecord(given)) return {}
  return {
    [name]: {
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
      ...given,
      ...(isRecord(given.httpGet)
        ? { httpGet: { path: '/', scheme: 'HTTP', ...given.httpGet } }
        : {}),
    },
  }
}

/** What is limited and not requested is requested as limited. */
function resourceDefaults(resources: unknown): unknown {
  if (resources === undefined) return {}
  if (!isRecord(resources) || !isRecord(resources.limits)) return resources
  const requests = isRecord(resources.requests) ? resources.requests : {}
  return { ...resources, requests: { ...resources.limits, ...requests } }
}

/** 0644 */
const fileMode = 420

function volumeDefaults(volume: UnknownRecord): UnknownRecord {
  const filled = ['secret', 'configMap', 'projected', 'downwardAPI'].map((source) => {
    const given = volume[source]
    return isRecord(given) ? { [source]: { defaultMode: fileMode, ...given } } : {}
  })
  return Object.assign({}, volume, ...filled)
}
