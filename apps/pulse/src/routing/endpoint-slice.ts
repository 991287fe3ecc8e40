import type { KubeObject } from '@pulse/api'
import type { Backend } from '@pulse/gateway'
import Type from 'typebox'
import { Value } from 'typebox/value'

/** What routing reads of a `discovery.k8s.io/v1` EndpointSlice. */
const endpointSlice = Type.Object({
  endpoints: Type.Array(
    Type.Object({
      addresses: Type.Array(Type.String()),
      conditions: Type.Optional(
        Type.Object({
          ready: Type.Optional(Type.Boolean()),
          terminating: Type.Optional(Type.Boolean()),
        }),
      ),
    }),
  ),
  ports: Type.Array(Type.Object({ name: Type.Optional(Type.String()), port: Type.Integer() })),
})

/** `{namespace}/{name}` of the Service that a slice belongs to. */
export function serviceOf({ metadata }: KubeObject): string | undefined {
  const name = metadata.labels?.['kubernetes.io/service-name']
  return name === undefined ? undefined : `${metadata.namespace}/${name}`
}

/** The ready backends of a slice; an absent `ready` counts as ready, as in Kubernetes. */
export function backendsOf(object: KubeObject): readonly Backend[] {
  if (!Value.Check(endpointSlice, object)) return []
  const httpPort = object.ports.find(({ name }) => name === 'http')?.port
  if (httpPort === undefined) return []
  const websocketPort = object.ports.find(({ name }) => name === 'longpolling')?.port ?? httpPort
  return object.endpoints
    .filter(({ conditions }) => conditions?.ready !== false && conditions?.terminating !== true)
    .flatMap(({ addresses }) => addresses)
    .map((address) => ({ address, httpPort, websocketPort }))
}
