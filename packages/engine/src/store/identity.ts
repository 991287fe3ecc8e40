import { randomBytes } from 'node:crypto'
import { isRecord, type KindDefinition, type KubeObject, type ObjectRef } from '@pulse/api'
import type { KindLookup } from '../objects.ts'
import { copyJson } from './json.ts'
import { badRequest } from './refusals.ts'

export function definitionOf(kinds: KindLookup, ref: ObjectRef): KindDefinition {
  const definition = kinds(ref.apiVersion, ref.kind)
  if (definition.namespaced && (ref.namespace ?? '') === '') {
    throw badRequest(`${definition.kind} "${ref.name}" needs a namespace`)
  }
  return definition
}

/** A private, storable copy; a name that is missing is empty, and refused or generated later. */
export function parseGiven(given: KubeObject): KubeObject {
  const object = copyJson(given)
  if (!isRecord(object.metadata)) throw badRequest('metadata is required')
  const { name, namespace, ...metadata } = object.metadata
  return {
    ...object,
    metadata: {
      name: typeof name === 'string' ? name : '',
      ...(typeof namespace === 'string' && namespace !== '' && { namespace }),
      ...metadata,
    },
  }
}

/** Kubernetes' alphabet for generated names: no vowels, so no words. */
const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789'
const maxPrefixLength = 58

export function generatedName(prefix = ''): string {
  const suffix = [...randomBytes(5)].map((byte) => suffixAlphabet[byte % suffixAlphabet.length])
  return `${prefix.slice(0, maxPrefixLength)}${suffix.join('')}`
}

/** A patch cannot turn an object into another one. */
export function refuseOtherIdentity(old: KubeObject, next: KubeObject): void {
  const isOther =
    next.apiVersion !== old.apiVersion ||
    next.kind !== old.kind ||
    next.metadata.name !== old.metadata.name ||
    (next.metadata.namespace ?? '') !== (old.metadata.namespace ?? '')
  if (isOther) throw badRequest('a patch cannot change apiVersion, kind, name or namespace')
}
