import { type KubeObject, StatusError } from '@pulse/api'
import { badRequest, expired, notFound } from '../store/refusals.ts'
import { scaleOf } from '../store/scale.ts'
import type { Answer } from './answer.ts'
import type { ObjectCall, ResourceCall } from './call.ts'
import { refOfCall, selectionOf } from './object-ref.ts'
import { countOf } from './query.ts'
import { listAnswer, objectAnswer } from './representation.ts'

export async function getObject(call: ObjectCall): Promise<Answer> {
  const object = await mustGet(call)
  return objectAnswer(
    call,
    call.subresource?.name === 'scale' ? scaleOf(call.definition, object) : object,
  )
}

export async function mustGet(call: ObjectCall): Promise<KubeObject> {
  const object = await call.server.objects.get(refOfCall(call))
  if (!object) throw notFound(call.definition, call.name)
  return object
}

export async function listObjects(call: ResourceCall): Promise<Answer> {
  const { query, server } = call
  const limit = countOf(query, 'limit')
  const token = query.get('continue')
  const version = query.get('resourceVersion')
  if (token && version && version !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue')
  }
  const result = await server.objects.list({
    ...selectionOf(call),
    ...(limit !== undefined && { limit }),
    ...(token && { continue: token }),
  })
  refuseOtherVersion(query, result.resourceVersion)
  return listAnswer(call, result)
}

/** The store knows only the present: an older version asked for exactly is gone, a newer one is not there yet. */
function refuseOtherVersion(query: URLSearchParams, present: string) {
  const asked = query.get('resourceVersion') || '0'
  if (!/^\d{1,19}$/.test(asked)) {
    throw badRequest(`resourceVersion: Invalid value: ${JSON.stringify(asked)}`)
  }
  if (BigInt(asked) > BigInt(present)) {
    throw new StatusError('Timeout', `Too large resource version: ${asked}, current: ${present}`, {
      retryAfterSeconds: 1,
    })
  }
  if (query.get('resourceVersionMatch') === 'Exact' && asked !== present) throw expired()
}
