import { isRecord, type KindDefinition, type KubeObject, StatusError } from '@pulse/api'
import { applyPatch } from 'rfc6902'
import type { Patch } from '../objects.ts'
import { copyJson, withoutNulls } from './json.ts'
import { badRequest } from './refusals.ts'
import { strategicMerge } from './strategic-merge.ts'

/** The object after a patch; the original is not touched. */
export function patched(
  object: KubeObject,
  patch: Patch,
  definition: Pick<KindDefinition, 'lists'>,
): KubeObject {
  const body = copyJson(patch.patch)
  if (patch.type === 'json') return asObject(jsonPatch(object, body))
  if (!isRecord(body)) throw badRequest('a merge patch is an object')
  if (patch.type === 'merge') return asObject(mergePatch(object, body))
  return asObject(strategicMerge(object, body, definition.lists))
}

/** RFC 6902. */
function jsonPatch(object: KubeObject, operations: unknown): unknown {
  if (!Array.isArray(operations) || !operations.every(isOperation)) {
    throw badRequest('a JSON patch is a list of operations, each with op and path')
  }
  const document = copyJson(object)
  const errors = applyPatch(document, operations)
  const failed = errors.findIndex((error) => error !== null)
  if (failed === -1) return isRecord(document) ? withoutNulls(copyJson(document)) : document
  const { op, path } = operations[failed] ?? { op: '', path: '' }
  const message = `the JSON patch cannot be applied: operation ${failed} (${op} ${path}) failed`
  throw new StatusError('Invalid', message, {
    causes: [{ reason: 'FieldValueInvalid', field: `patch[${failed}]`, message: `${op} ${path}` }],
  })
}

type Operations = Parameters<typeof applyPatch>[1]

function isOperation(value: unknown): value is Operations[number] {
  if (!isRecord(value) || typeof value.path !== 'string') return false
  if (value.op === 'remove') return true
  if (value.op === 'move' || value.op === 'copy') return typeof value.from === 'string'
  return ['add', 'replace', 'test'].includes(String(value.op)) && 'value' in value
}

/** RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  const merged = new Map<string, unknown>(isRecord(target) ? Object.entries(target) : [])
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name)
    else merged.set(name, mergePatch(merged.get(name), value))
  }
  return Object.fromEntries(merged)
}

/** A patch may break what makes an object one; the rules of names and kinds are looked at later. */
function asObject(value: unknown): KubeObject {
  if (!isRecord(value) || !isRecord(value.metadata)) throw badRequest('metadata cannot be removed')
  const { apiVersion, kind, metadata } = value
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    throw badRequest('apiVersion and kind cannot be removed')
  }
  const { name } = metadata
  if (typeof name !== 'string') throw badRequest('metadata.name cannot be removed')
  return { ...value, apiVersion, kind, metadata: { ...metadata, name } }
}
