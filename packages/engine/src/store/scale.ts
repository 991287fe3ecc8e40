import { isRecord, type KindDefinition, type KubeObject } from '@pulse/api'
import type { JsonRecord } from './json.ts'
import { invalid, notFound } from './refusals.ts'

/** The `Scale` of an object, as `/scale` answers it. */
export function scaleOf(definition: KindDefinition, object: KubeObject): KubeObject {
  const paths = definition.scale
  if (paths === undefined) throw notFound(definition, `${object.metadata.name}/scale`)
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const selector = selectorText(paths.labelSelector && at(object, paths.labelSelector))
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(creationTimestamp !== undefined && { creationTimestamp }),
    },
    spec: { replicas: at(object, paths.specReplicas) ?? 0 },
    status: { replicas: at(object, paths.statusReplicas) ?? 0, ...(selector && { selector }) },
  }
}

/** The object with the replicas of a changed `Scale`. */
export function withScale(
  definition: KindDefinition,
  object: KubeObject,
  scale: KubeObject,
): KubeObject {
  const replicas = isRecord(scale.spec) ? scale.spec.replicas : undefined
  if (!Number.isSafeInteger(replicas) || Number(replicas) < 0) {
    throw invalid(definition, object.metadata.name, [
      { reason: 'FieldValueInvalid', field: 'spec.replicas', message: 'a whole number, 0 or more' },
    ])
  }
  const path = namesOf(definition.scale?.specReplicas ?? '')
  const { apiVersion, kind, metadata } = object
  return { ...setAt(object, path, replicas), apiVersion, kind, metadata }
}

function at(object: KubeObject, path: string): unknown {
  return namesOf(path).reduce<unknown>(
    (node, name) => (isRecord(node) ? node[name] : undefined),
    object,
  )
}

function setAt(node: JsonRecord, [name, ...rest]: readonly string[], value: unknown): JsonRecord {
  if (name === undefined) return node
  const child = node[name]
  return {
    ...node,
    [name]: rest.length === 0 ? value : setAt(isRecord(child) ? child : {}, rest, value),
  }
}

/** `.spec.replicas`, with or without the leading dot. */
function namesOf(path: string): readonly string[] {
  return path.split('.').filter((name) => name !== '')
}

/** `app=web,tier in (a,b)`: as a label selector is written in a query. */
function selectorText(selector: unknown): string | undefined {
  if (typeof selector === 'string') return selector
  if (!isRecord(selector)) return undefined
  const { matchLabels, matchExpressions } = selector
  const labels = Object.entries(isRecord(matchLabels) ? matchLabels : {})
  const expressions = Array.isArray(matchExpressions) ? matchExpressions.filter(isRecord) : []
  return [...labels.map(([key, value]) => `${key}=${value}`), ...expressions.map(termOf)].join(',')
}

function termOf({ key, operator, values }: JsonRecord): string {
  if (operator === 'Exists') return String(key)
  if (operator === 'DoesNotExist') return `!${key}`
  return `${key} ${operator === 'In' ? 'in' : 'notin'} (${[values].flat().join(',')})`
}
