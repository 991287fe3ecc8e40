import { apiVersionOf, StatusError } from '@pulse/api'
import { type Answer, jsonAnswer } from './answer.ts'
import type { Call, ResourceCall } from './call.ts'
import { protobufType } from './protobuf.ts'
import type { ResourceRoute } from './route.ts'
import { statusBody } from './status-body.ts'
import { withWarnings } from './warnings.ts'

/** Kinds of which nothing can be here, though `kubectl cluster-info dump` asks for them without looking first. */
const empty: Readonly<Record<string, string>> = {
  'v1/replicationcontrollers': 'ReplicationControllerList',
  'apps/v1/daemonsets': 'DaemonSetList',
}

const unscaled =
  'nothing is scaled by its load on one machine: use kubectl scale; an autoscaler of autoscaling/v2 is taken by kubectl apply -f, but not obeyed'

/** The answer about a kind that is not served. */
export function absentKind({ method, query }: Call, route: ResourceRoute): Answer {
  const apiVersion = apiVersionOf(route)
  const kind = empty[`${apiVersion}/${route.plural}`]
  if (kind !== undefined && method === 'GET' && route.name === undefined && !query.has('watch')) {
    return jsonAnswer({ kind, apiVersion, metadata: {}, items: [] })
  }
  const isAutoscaler = route.group === 'autoscaling' && route.plural === 'horizontalpodautoscalers'
  throw new StatusError(
    'NotFound',
    isAutoscaler ? unscaled : 'the server could not find the requested resource',
  )
}

/** `kubectl autoscale` puts words of its own before a refusal of what it creates, but prints what it is warned of. */
export function autoscaleAnswer({ definition, headers }: ResourceCall): Answer | undefined {
  if (definition.kind !== 'HorizontalPodAutoscaler') return undefined
  if (headers['content-type'] !== protobufType) return undefined
  const refusal = new StatusError('UnsupportedMediaType', unscaled)
  return withWarnings(jsonAnswer(statusBody(refusal), { code: refusal.code }), [unscaled])
}
