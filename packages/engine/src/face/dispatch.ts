import { StatusError } from '@pulse/api'
import { absentKind, autoscaleAnswer } from './absent-kinds.ts'
import { absentSubresource } from './absent-subresources.ts'
import { type Answer, jsonAnswer } from './answer.ts'
import type { Call, ObjectCall, ResourceCall } from './call.ts'
import { deleteCollection, deleteObject } from './delete.ts'
import { discoveryGroup, discoveryRoot, discoveryVersion } from './discovery.ts'
import type { OpenApi } from './open-api.ts'
import { podLog } from './pod-log.ts'
import { answerMetrics } from './pod-metrics.ts'
import { isSet } from './query.ts'
import { getObject, listObjects } from './read.ts'
import { answerReview } from './reviews.ts'
import { parseRoute, type ResourceRoute } from './route.ts'
import { subresourcesOf, verbOf } from './verbs.ts'
import { watchObjects } from './watch.ts'
import { createObject, patchObject, updateObject } from './write.ts'

/** Finds who answers a call: a document, a review, or a verb on a kind of the registry. */
export async function dispatch(call: Call, path: string, openApi: OpenApi): Promise<Answer> {
  const route = parseRoute(path)
  if (!route) throw unknownPath()
  if (route.type === 'resource') return resourceAnswer(call, route)
  if (call.method !== 'GET') throw notAllowed()
  const answer = await documentAnswer(call, route.path, openApi)
  if (!answer) throw unknownPath()
  return answer
}

async function documentAnswer(
  call: Call,
  path: string,
  openApi: OpenApi,
): Promise<Answer | undefined> {
  const { version } = call.server
  if (path === '/version') return jsonAnswer(versionBody(version))
  if (path === '/api') return discoveryRoot(call, 'api')
  if (path === '/apis') return discoveryRoot(call, 'apis')
  if (path === '/openapi/v2') return openApi.empty(call.headers.accept)
  if (path === '/openapi/v3') return openApi.index()
  const [, root, ...rest] = path.split('/')
  const below = rest.join('/')
  if (root === 'openapi' && rest[0] === 'v3') {
    return openApi.document(rest.slice(1).join('/'), call.query)
  }
  if (root === 'api') return discoveryVersion(call.server, below)
  if (root !== 'apis') return undefined
  return rest.length === 1
    ? discoveryGroup(call.server, below)
    : discoveryVersion(call.server, below)
}

/** The minor whose API we follow: kubectl warns when its own is too far from it. */
function versionBody(version: string) {
  return {
    major: '1',
    minor: '35',
    gitVersion: `v1.35.0+pulse-${version}`,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: 'none',
    compiler: 'none',
    platform: 'linux',
  }
}

async function resourceAnswer(call: Call, route: ResourceRoute): Promise<Answer> {
  const review = await answerReview(call, route)
  if (review) return review
  const metrics = await answerMetrics(call, route)
  if (metrics) return metrics
  const { group, version, plural, name, namespace } = route
  const definition = call.server.kinds.findResource(group, version, plural)
  if (!definition) return absentKind(call, route)
  if (namespace !== undefined && !definition.namespaced) throw unknownPath()
  const subresource = subresourcesOf(definition).find((known) => known.name === route.subresource)
  if (route.subresource !== undefined && !subresource) throw absentSubresource(definition, route)
  const verb = verbOf({ method: call.method, definition, namespace, name, subresource })
  const resource: ResourceCall = { ...call, definition, namespace, name, subresource }
  const isWatch = call.query.has('watch') && isSet(call.query, 'watch')
  if (name === undefined) {
    if (verb === 'create') return autoscaleAnswer(resource) ?? createObject(resource)
    if (verb === 'deletecollection') return deleteCollection(resource)
    return isWatch ? watchObjects(resource) : listObjects(resource)
  }
  return objectAnswerOf({ ...resource, name }, verb, isWatch)
}

function objectAnswerOf(call: ObjectCall, verb: string, isWatch: boolean): Promise<Answer> {
  if (verb === 'update') return updateObject(call)
  if (verb === 'patch') return patchObject(call)
  if (verb === 'delete') return deleteObject(call)
  if (call.subresource?.name === 'log') return podLog(call)
  return isWatch ? watchObjects(watchOfOne(call)) : getObject(call)
}

/** Watching one object by its path is watching its kind for one name. */
function watchOfOne(call: ObjectCall): ResourceCall {
  const query = new URLSearchParams(call.query)
  query.set('fieldSelector', `metadata.name=${call.name}`)
  return { ...call, name: undefined, query }
}

function unknownPath(): StatusError {
  return new StatusError('NotFound', 'the server could not find the requested resource')
}

function notAllowed(): StatusError {
  return new StatusError(
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
  )
}
