import { apiVersionOf, isRecord, type KubeObject, type ObjectMeta } from '@pulse/api'
import { withoutNulls } from '../store/json.ts'
import { badRequest } from '../store/refusals.ts'
import { mediaTypeOf, parseBody } from './body.ts'
import type { ResourceCall } from './call.ts'

/** Media types of a body that is an object. */
export const objectTypes = ['application/json', 'application/yaml']

/** The body as data, in one of the media types. */
export async function readBodyOf(call: ResourceCall, accepted: readonly string[]) {
  const mediaType = mediaTypeOf(call.headers['content-type'], accepted)
  return { mediaType, value: parseBody(await call.readBody(), mediaType) }
}

/** Refuses a body that is of another kind than the path says; its fields would only be told as unknown. */
export function refuseOtherKind(value: unknown, call: ResourceCall): void {
  if (!isRecord(value)) throw badRequest('the body of the request is not an object')
  const { apiVersion, kind } = expectedIdentity(call)
  refuseOther('API version', value.apiVersion, apiVersion)
  refuseOther('kind', value.kind, kind)
}

/** The object of a body: of the kind, the name and the namespace that the path says. */
export function parseObject(value: unknown, call: ResourceCall): KubeObject {
  if (!isRecord(value)) throw badRequest('the body of the request is not an object')
  const { apiVersion, kind } = expectedIdentity(call)
  const metadata = value.metadata ?? {}
  if (!isRecord(metadata)) throw badRequest('metadata is not an object')
  return {
    ...withoutNulls(value),
    apiVersion,
    kind,
    metadata: placed(withoutNulls(metadata), call),
  }
}

function expectedIdentity({ definition, subresource }: ResourceCall) {
  const identity = subresource?.responseKind ?? definition
  return { apiVersion: apiVersionOf(identity), kind: identity.kind }
}

/** Nobody is served by another kind than he has named. */
export function refuseOther(what: string, given: unknown, expected: string) {
  if (given === expected) return
  const said = typeof given === 'string' ? given : ''
  throw badRequest(
    `the ${what} in the data (${said}) does not match the expected ${what} (${expected})`,
  )
}

function placed(
  metadata: Readonly<Record<string, unknown>>,
  { name, namespace, definition }: ResourceCall,
): ObjectMeta {
  const given = metadata.name ?? ''
  if (typeof given !== 'string') throw badRequest('metadata.name is not a string')
  if (name !== undefined && given !== '' && given !== name) {
    throw badRequest(
      `the name of the object (${given}) does not match the name on the URL (${name})`,
    )
  }
  const { namespace: inside = '', ...rest } = metadata
  // What is the cluster's has no namespace, whatever a file says that is applied with others.
  if (definition.namespaced && inside !== '' && inside !== (namespace ?? '')) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    )
  }
  return {
    ...rest,
    name: given === '' ? (name ?? '') : given,
    ...(namespace !== undefined && { namespace }),
  }
}
