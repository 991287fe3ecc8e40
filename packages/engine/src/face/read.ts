import { apiVersionOf, type KubeObject } from '@pulse/api'
import { badRequest, expired, notFound } from '../store/refusals.ts'
import { scaleOf } from '../store/scale.ts'
import type { Answer } from './answer.ts'
import type { ObjectCall, ResourceCall } from './call.ts'
import { refuseContradictions, refuseFutureVersion } from './list-options.ts'
import { refOfCall, selectionOf } from './object-ref.ts'
import { countOf } from './query.ts'
import { listAnswer, objectAnswer } from './representation.ts'

export async function getObject(call: ObjectCall): Promise<Answer> {
  const object = await mustGet(call)
  await refuseUnreached(call)
  return objectAnswer(
    call,
    call.subresource?.name === 'scale' ? scaleOf(call.definition, object) : object,
  )
}

/** Only who asks for a version pays for the look at the present one. */
async function refuseUnreached({ query, definition, server }: ObjectCall): Promise<void> {
  if ((query.get('resourceVersion') || '0') === '0') return
  const { kind } = definition
  const { resourceVersion } = await server.objects.list({
    apiVersion: apiVersionOf(definition),
    kind,
    limit: 1,
  })
  refuseFutureVersion(query, resourceVersion)
}

export async function mustGet(call: ObjectCall): Promise<KubeObject> {
  const object = await call.server.objects.get(refOfCall(call))
  if (!object) throw notFound(call.definition, call.name)
  return object
}

export async function listObjects(call: ResourceCall): Promise<Answer> {
  const { query, server } = call
  refuseContradictions(query, { isWatch: false })
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

/** The store knows only the present: an older version that is asked for exactly is gone. */
function refuseOtherVersion(query: URLSearchParams, present: string) {
  refuseFutureVersion(query, present)
  const asked = query.get('resourceVersion')
  if (query.get('resourceVersionMatch') === 'Exact' && asked !== present) throw expired()
}
