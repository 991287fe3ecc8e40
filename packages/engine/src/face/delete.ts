import { hasReason, isRecord, type KubeObject, refOf } from '@pulse/api'
import type { DeleteOptions } from '../objects.ts'
import { badRequest } from '../store/refusals.ts'
import { type Answer, jsonAnswer } from './answer.ts'
import { mediaTypeOf, parseBody } from './body.ts'
import type { ObjectCall, ResourceCall } from './call.ts'
import { madeAnew } from './composed-change.ts'
import { objectTypes } from './given-object.ts'
import { refOfCall, selectionOf } from './object-ref.ts'
import { countOf, dryRunOf, isSet, oneOf } from './query.ts'
import { listAnswer, objectAnswer } from './representation.ts'
import { withWarnings } from './warnings.ts'

const pageSize = 500

/** Answers with the object while finalizers hold it, else with a `Status` that names what is gone. */
export async function deleteObject(call: ObjectCall): Promise<Answer> {
  const options = await deleteOptionsOf(call)
  const ref = refOfCall(call)
  const deleted = await call.server.objects.delete(ref, options)
  const told = await madeAnew(deleted, call.server.objects)
  const { uid, deletionTimestamp } = deleted.metadata
  const left = deletionTimestamp === undefined ? undefined : await call.server.objects.get(ref)
  if (left && left.metadata.uid === uid) return withWarnings(objectAnswer(call, deleted), told)
  const { group, plural } = call.definition
  const gone = jsonAnswer({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: call.name, ...(group !== '' && { group }), kind: plural, uid },
  })
  return withWarnings(gone, told)
}

/** Deletes what the selectors find, page by page; what another deletes meanwhile is as good as deleted. */
export async function deleteCollection(call: ResourceCall): Promise<Answer> {
  const { objects } = call.server
  const options = await deleteOptionsOf(call)
  const deleted: KubeObject[] = []
  let page = await objects.list({ ...selectionOf(call), limit: pageSize })
  const { resourceVersion } = page
  for (;;) {
    for (const object of page.items) {
      try {
        deleted.push(await objects.delete(refOf(object), options))
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error
      }
    }
    if (page.continue === undefined) break
    page = await objects.list({
      ...selectionOf(call),
      limit: pageSize,
      continue: page.continue,
    })
  }
  return listAnswer(call, { items: deleted, resourceVersion })
}

/** Options come in the body, as kubectl sends them, or in the query; the body wins. */
async function deleteOptionsOf(call: ResourceCall): Promise<DeleteOptions> {
  const body = await optionsBody(call)
  const query = queryWith(call.query, body)
  const policy = oneOf(query, 'propagationPolicy', [
    'Default',
    'Background',
    'Foreground',
    'Orphan',
  ])
  const isOrphan = query.has('orphanDependents') && isSet(query, 'orphanDependents')
  const preconditions = preconditionsOf(body.preconditions)
  const grace = countOf(query, 'gracePeriodSeconds')
  return {
    // At once means a second, as kubectl without --force asks for: the Pod's name is free only after its processes.
    ...(grace !== undefined && { gracePeriodSeconds: Math.max(1, grace) }),
    ...(policy !== 'Default' && { propagationPolicy: policy }),
    ...(isOrphan && { propagationPolicy: 'Orphan' }),
    ...(preconditions && { preconditions }),
    dryRun: dryRunOf(query),
  }
}

async function optionsBody(call: ResourceCall): Promise<Readonly<Record<string, unknown>>> {
  const body = await call.readBody()
  if (body.length === 0) return {}
  const value = parseBody(body, mediaTypeOf(call.headers['content-type'], objectTypes))
  if (!isRecord(value)) throw badRequest('the body of the request is not DeleteOptions')
  if (value.kind !== undefined && value.kind !== 'DeleteOptions') {
    throw badRequest(`the kind in the data (${value.kind}) does not match DeleteOptions`)
  }
  return value
}

function queryWith(query: URLSearchParams, body: Readonly<Record<string, unknown>>) {
  const merged = new URLSearchParams(query)
  for (const name of ['gracePeriodSeconds', 'propagationPolicy', 'orphanDependents', 'dryRun']) {
    const given = body[name]
    if (given === undefined || given === null) continue
    merged.delete(name)
    for (const value of [given].flat()) merged.append(name, String(value))
  }
  return merged
}

function preconditionsOf(value: unknown): DeleteOptions['preconditions'] {
  if (!isRecord(value)) return undefined
  const { uid, resourceVersion } = value
  return {
    ...(typeof uid === 'string' && { uid }),
    ...(typeof resourceVersion === 'string' && { resourceVersion }),
  }
}
