import { apiVersionOf, type KindDefinition, type KubeObject, StatusError } from '@pulse/api'
import { stringify } from 'yaml'
import type { ListResult } from '../objects.ts'
import { type Answer, jsonAnswer } from './answer.ts'
import type { ResourceCall } from './call.ts'
import { type Form, formOf } from './negotiation.ts'
import { type IncludeObject, makeTable, partialMetadata } from './table.ts'

/** One object in the form that was asked for. */
export function objectAnswer(call: ResourceCall, object: KubeObject, code = 200): Answer {
  const form = formOf(call.headers.accept)
  return encoded(form, objectBody(call, form, object), code)
}

export function listAnswer(call: ResourceCall, result: ListResult): Answer {
  const form = formOf(call.headers.accept)
  return encoded(form, listBody(call, form, result), 200)
}

/** An object as it stands in an answer or a watch event. */
export function objectBody(
  call: ResourceCall,
  { as }: Form,
  object: KubeObject,
  options: { readonly withColumns: boolean } = { withColumns: true },
): unknown {
  // A Scale has no columns of its own: it is always shown whole.
  if (as === 'Object' || call.subresource?.responseKind) return object
  if (as === 'PartialObjectMetadata') return partialMetadata(object)
  const { resourceVersion } = object.metadata
  return makeTable(call.definition, [object], { resourceVersion }, tableOptions(call, options))
}

function listBody(call: ResourceCall, { as }: Form, result: ListResult): unknown {
  const { definition } = call
  const { items, ...metadata } = result
  if (as === 'Table') {
    return makeTable(definition, items, metadata, tableOptions(call, { withColumns: true }))
  }
  if (as === 'PartialObjectMetadata') {
    return {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata,
      items: items.map(partialMetadata),
    }
  }
  return {
    kind: `${definition.kind}List`,
    apiVersion: apiVersionOf(definition),
    metadata,
    items,
  }
}

/** A BOOKMARK carries nothing but a version, in the form of the other events. */
export function bookmarkBody(
  call: ResourceCall,
  { as }: Form,
  metadata: Readonly<Record<string, unknown>>,
): unknown {
  if (as === 'Table') {
    const row = { cells: [], object: { ...metaIdentity, metadata } }
    const table = makeTable(call.definition, [], metadata, tableOptions(call))
    return { ...table, rows: [row] }
  }
  if (as === 'PartialObjectMetadata') return { ...metaIdentity, metadata }
  return { ...identityOf(call.definition), metadata }
}

const metaIdentity = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' }

function identityOf(definition: KindDefinition) {
  return { kind: definition.kind, apiVersion: apiVersionOf(definition) }
}

function tableOptions({ query, server }: ResourceCall, { withColumns = false } = {}) {
  return { includeObject: includeObjectOf(query), now: server.now(), withColumns }
}

function includeObjectOf(query: URLSearchParams): IncludeObject {
  const text = query.get('includeObject') || 'Metadata'
  if (text === 'None' || text === 'Metadata' || text === 'Object') return text
  throw new StatusError('BadRequest', `includeObject: "${text}" is not None, Metadata or Object`)
}

function encoded({ encoding }: Form, body: unknown, code: number): Answer {
  if (encoding === 'json') return jsonAnswer(body, { code })
  return { code, contentType: 'application/yaml', body: stringify(body) }
}
