import { type Condition, isRecord, type KubeObject, type ObjectRef, refOf } from '@pulse/api'
import { conditionsOf, mergeConditions } from '../conditions.ts'
import type { Controller } from '../controller.ts'
import { saveStatus } from '../save-status.ts'
import { type HttpRoute, kinds, machineManager, typed } from './kinds.ts'
import type { MachineOptions } from './machine-options.ts'

/** The name under which Pulse's gateway speaks in a route's status. */
const controllerName = 'planapulse.com/gateway'

/** Says on each HTTPRoute whether the gateway serves it and whether its backends are there. */
export function httpRouteController({ objects, clock }: MachineOptions): Controller {
  async function reconcile(object: KubeObject): Promise<undefined> {
    const route = typed<HttpRoute>(object)
    const resolved = await resolvedRefs(route)
    const accepted: Condition = {
      type: 'Accepted',
      status: 'True',
      reason: 'Accepted',
      message: 'the gateway of this machine serves the route',
    }
    const moment = { now: clock.now(), generation: route.metadata.generation }
    const parents = (route.spec.parentRefs ?? []).map((parentRef, index) => ({
      parentRef,
      controllerName,
      conditions: mergeConditions(conditionsBefore(object, index), [accepted, resolved], moment),
    }))
    await saveStatus(object, { parents }, { objects, fieldManager: machineManager })
  }

  async function resolvedRefs(route: HttpRoute): Promise<Condition> {
    const type = 'ResolvedRefs'
    for (const { group = '', kind = 'Service', name, namespace } of backendsOf(route)) {
      if (group !== '' || kind !== 'Service') {
        const message = `${group}/${kind} cannot be a backend, only a Service can`
        return { type, status: 'False', reason: 'InvalidKind', message }
      }
      const own = route.metadata.namespace
      if (namespace !== undefined && namespace !== own) {
        const message = `Service ${namespace}/${name} is in another namespace`
        return { type, status: 'False', reason: 'RefNotPermitted', message }
      }
      const service = await objects.get({ ...kinds.service, ...(own && { namespace: own }), name })
      if (!service) {
        const message = `Service ${own}/${name} is not there`
        return { type, status: 'False', reason: 'BackendNotFound', message }
      }
    }
    return { type, status: 'True', reason: 'ResolvedRefs', message: 'all backends are there' }
  }

  async function routesBeside({ metadata }: KubeObject): Promise<readonly ObjectRef[]> {
    const { name, namespace } = metadata
    if (namespace === undefined) return []
    const page = await objects.list({ ...kinds.httpRoute, namespace })
    return page.items
      .map(typed<HttpRoute>)
      .filter((route) => backendsOf(route).some((backend) => backend.name === name))
      .map(refOf)
  }

  return {
    name: 'http-route',
    primary: kinds.httpRoute,
    watches: [{ ...kinds.service, concerns: routesBeside }],
    reconcile,
  }
}

function backendsOf({ spec }: HttpRoute) {
  return (spec.rules ?? []).flatMap(({ backendRefs = [] }) => backendRefs)
}

/** Parents keep their order, so the times of a condition are found by place. */
function conditionsBefore({ status }: KubeObject, index: number): readonly Condition[] {
  const parents = isRecord(status) && Array.isArray(status.parents) ? status.parents : []
  return conditionsOf({ ...nameless, status: parents[index] })
}

const nameless = { ...kinds.httpRoute, metadata: { name: '' } }
