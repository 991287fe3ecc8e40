import { idleKeeping, isRecord, type KubeObject, recordOf, StatusError } from '@pulse/api'
import type { Patch, SubresourceOptions } from '../objects.ts'
import { badRequest, invalid } from '../store/refusals.ts'
import type { Answer } from './answer.ts'
import type { ObjectCall, ResourceCall } from './call.ts'
import { composedAnew } from './composed-change.ts'
import {
  checkFields,
  checkPatchOperations,
  checkStrategicPatch,
  refuseWrongTypes,
} from './field-validation.ts'
import { objectTypes, parseObject, readBodyOf, refuseOtherKind } from './given-object.ts'
import { refOfCall } from './object-ref.ts'
import { dryRunOf, fieldManagerOf, fieldValidationOf, isSet } from './query.ts'
import { mustGet } from './read.ts'
import { objectAnswer } from './representation.ts'
import { withWarnings } from './warnings.ts'

export async function createObject(call: ResourceCall): Promise<Answer> {
  const { value } = await readBodyOf(call, objectTypes)
  const { object, warnings } = checkedObject(call, value)
  const created = await call.server.objects.create(object, writeOptions(call))
  const told = [...warnings, ...effectWarnings(call, value, created)]
  return withWarnings(objectAnswer(call, created, 201), told)
}

export async function updateObject(call: ObjectCall): Promise<Answer> {
  const { value } = await readBodyOf(call, objectTypes)
  const { object, warnings } = checkedObject(call, value)
  await refuseBlindUpdate(call, object)
  const { objects } = call.server
  const options = subresourceOptions(call)
  const before = await seenBefore(call)
  const updated =
    options.subresource === 'scale'
      ? await objects.patch(refOfCall(call), scalePatch(object), options)
      : await objects.update(object, options)
  const effects = [
    ...effectWarnings(call, value, updated),
    ...(await advice(call, before, updated)),
  ]
  const told = [...warnings, ...effects]
  return withWarnings(objectAnswer(call, updated), told)
}

/** Ours are replaced only by who has read them: without a version, what another wrote meanwhile would be lost. */
async function refuseBlindUpdate(call: ObjectCall, { metadata }: KubeObject) {
  const { definition, name } = call
  if (!definition.structural || metadata.resourceVersion) return
  await mustGet(call)
  throw invalid(definition, name, [
    {
      reason: 'FieldValueInvalid',
      field: 'metadata.resourceVersion',
      message: 'must be specified for an update',
    },
  ])
}

const patchTypes: Readonly<Record<string, Patch['type'] | 'apply'>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
}

export async function patchObject(call: ObjectCall): Promise<Answer> {
  const accepted = Object.keys(patchTypes).filter((type) => isAccepted(call, type))
  const { mediaType, value } = await readBodyOf(call, accepted)
  const type = patchTypes[mediaType]
  if (type === undefined) throw badRequest(`cannot patch with ${mediaType}`)
  if (type === 'apply') return applyObject(call, value)

  const { patch, warnings } = checkedPatch(call, type, value)
  const before = await seenBefore(call)
  const patched = await call.server.objects.patch(refOfCall(call), patch, subresourceOptions(call))
  const effects = [
    ...effectWarnings(call, value, patched),
    ...(await advice(call, before, patched)),
  ]
  const told = [...warnings, ...effects]
  return withWarnings(objectAnswer(call, patched), told)
}

/** A strategic merge patch needs types that only Kubernetes' own kinds have: of ours a cluster refuses it as well. */
function isAccepted({ definition }: ObjectCall, mediaType: string): boolean {
  return patchTypes[mediaType] !== 'strategic' || !definition.structural
}

async function applyObject(call: ObjectCall, value: unknown): Promise<Answer> {
  const { objects } = call.server
  if (!call.query.get('fieldManager')) {
    throw new StatusError(
      'Invalid',
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      {
        group: 'meta.k8s.io',
        kind: 'PatchOptions',
        causes: [
          {
            reason: 'FieldValueRequired',
            field: 'fieldManager',
            message: 'Required value: is required for apply patch',
          },
        ],
      },
    )
  }
  const { object, warnings } = checkedObject(call, value)
  const before = await objects.get(refOfCall(call))
  const applied = await objects.apply(object, {
    ...subresourceOptions(call),
    force: isSet(call.query, 'force') && call.query.has('force'),
  })
  const told = [...warnings, ...effectWarnings(call, value, applied)]
  return withWarnings(objectAnswer(call, applied, before ? 200 : 201), told)
}

/** What was written and comes to nothing: only the whole object tells, of which a patch is a part. */
function effectWarnings(
  call: ResourceCall,
  value: unknown,
  written: KubeObject,
): readonly string[] {
  if (!call.definition.structural || call.subresource?.responseKind) return []
  if (fieldValidationOf(call.query) === 'Ignore') return []
  return [idleKeeping(value, written, call.server.now().getTime()) ?? []].flat()
}

/** Only of Kubernetes' own kinds: those are composed, and only with them a change may come to something else. */
async function seenBefore(call: ObjectCall): Promise<KubeObject | undefined> {
  const isAsked = !call.definition.structural && fieldValidationOf(call.query) !== 'Ignore'
  return isAsked ? call.server.objects.get(refOfCall(call)) : undefined
}

async function advice(
  call: ObjectCall,
  before: KubeObject | undefined,
  written: KubeObject,
): Promise<readonly string[]> {
  const { objects, adviceOn } = call.server
  if (before === undefined) return []
  const after = call.subresource?.responseKind ? await objects.get(refOfCall(call)) : written
  return after ? [...composedAnew(before, after), ...adviceOn(before, after)] : []
}

function checkedObject(call: ResourceCall, value: unknown) {
  refuseOtherKind(value, call)
  if (call.subresource?.responseKind) return { object: parseObject(value, call), warnings: [] }
  refuseWrongTypes(value, call.definition)
  const checked = checkFields(value, call.definition, fieldValidationOf(call.query))
  return { object: parseObject(checked.value, call), warnings: checked.warnings }
}

function checkedPatch(
  call: ObjectCall,
  type: Patch['type'],
  value: unknown,
): { readonly patch: Patch; readonly warnings: readonly string[] } {
  const { definition } = call
  const mode = fieldValidationOf(call.query)
  const isWhole = call.subresource?.responseKind === undefined
  if (type === 'json') {
    if (!Array.isArray(value)) throw badRequest('a JSON patch is a list of operations')
    if (!isWhole) return { patch: { type, patch: value }, warnings: [] }
    const { operations, warnings } = checkPatchOperations(value, definition, mode)
    return { patch: { type, patch: operations }, warnings }
  }
  if (!isRecord(value)) throw badRequest('the patch is not an object')
  if (!isWhole) return { patch: { type, patch: value }, warnings: [] }
  const check = type === 'strategic' ? checkStrategicPatch : checkFields
  const checked = check(value, definition, mode)
  return { patch: { type, patch: checked.value }, warnings: checked.warnings }
}

/**
 * A Scale does not say what it scales, so replacing it is a patch of the object that the path names. Kubernetes' clients
 * leave out a zero.
 */
function scalePatch({ metadata, spec }: KubeObject): Patch {
  const { resourceVersion } = metadata
  return {
    type: 'merge',
    patch: {
      ...(resourceVersion !== undefined && { metadata: { resourceVersion } }),
      spec: { replicas: 0, ...recordOf(spec) },
    },
  }
}

function writeOptions({ query, headers }: ResourceCall) {
  return { fieldManager: fieldManagerOf(query, headers), dryRun: dryRunOf(query) }
}

function subresourceOptions(call: ObjectCall): SubresourceOptions {
  const subresource = call.subresource?.name
  return {
    ...writeOptions(call),
    ...((subresource === 'status' || subresource === 'scale') && { subresource }),
  }
}
