import { apiVersionOf, type ObjectRef } from '@pulse/api'
import type { ObjectCall, ResourceCall } from './call.ts'

/** The object that a path names. */
export function refOfCall({ definition, namespace, name }: ObjectCall): ObjectRef {
  return {
    apiVersion: apiVersionOf(definition),
    kind: definition.kind,
    ...(namespace !== undefined && { namespace }),
    name,
  }
}

/** Kind, namespace and selectors of a list or a watch. */
export function selectionOf({ definition, namespace, query }: ResourceCall) {
  const labelSelector = query.get('labelSelector')
  const fieldSelector = query.get('fieldSelector')
  return {
    apiVersion: apiVersionOf(definition),
    kind: definition.kind,
    ...(namespace !== undefined && { namespace }),
    ...(labelSelector && { labelSelector }),
    ...(fieldSelector && { fieldSelector }),
  }
}
