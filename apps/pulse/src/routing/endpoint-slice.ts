import { forkedAnnotation, type KubeObject } from '@pulse/api'
import type { Backend } from '@pulse/gateway'
import Type from 'typebox'
import { Compile } from 'typebox/compile'

/** What routing reads of a `discovery.k8s.io/v1` EndpointSlice. */
const endpointSlice = Compile(
  Type.Object({
    endpoints: Type.Array(
      Type.Object({
        addresses: Type.Array(Type.String()),
        conditions: Type.Optional(
          Type.Object({
            ready: Type.Optional(Type.Boolean()),
            terminating: Type.Optional(Type.Boolean()),
          }),
        ),
        targetRef: Type.Optional(Type.Object({ uid: Type.Optional(Type.String()) })),
      }),
    ),
    ports: Type.Array(Type.Object({ name: Type.Optional(Type.String()), port: Type.Integer() })),
  }),
)

/** The addresses of one slice by what can be done with them. */
export interface SliceBackends {
  readonly ready: readonly Backend[]
  /** Not ready yet, or not any more. */
  readonly starting: readonly Backend[]
  /** On their way out: nothing new goes there, but they are not gone. */
  readonly leaving: number
}

/** `{namespace}/{name}` of the Service that a slice belongs to. */
export function serviceOf({ metadata }: KubeObject): string | undefined {
  const name = metadata.labels?.['kubernetes.io/service-name']
  return name === undefined ? undefined : `${metadata.namespace}/${name}`
}

/** An absent `ready` counts as ready, as in Kubernetes. */
export function backendsOf(object: KubeObject): SliceBackends {
  if (!endpointSlice.Check(object)) return { ready: [], starting: [], leaving: 0 }
  const { endpoints, ports } = object
  const leaving = endpoints.filter(({ conditions }) => conditions?.terminating === true)
  const httpPort = ports.find(({ name }) => name === 'http')?.port
  if (httpPort === undefined) return { ready: [], starting: [], leaving: leaving.length }
  const websocketPort = ports.find(({ name }) => name === 'longpolling')?.port ?? httpPort
  const forked = object.metadata.annotations?.[forkedAnnotation]?.split(',') ?? []
  const staying = endpoints.filter((endpoint) => !leaving.includes(endpoint))
  const backends = (isReady: boolean) =>
    staying
      .filter(({ conditions }) => (conditions?.ready !== false) === isReady)
      .flatMap(({ addresses, targetRef }) =>
        addresses.map((address) => ({
          address,
          httpPort,
          websocketPort,
          ...(targetRef?.uid !== undefined && processOf(targetRef.uid, forked)),
        })),
      )
  return { ready: backends(true), starting: backends(false), leaving: leaving.length }
}

function processOf(uid: string, forked: readonly string[]): Pick<Backend, 'process' | 'startedAs'> {
  return { process: uid, ...(forked.includes(uid) && { startedAs: 'forked' }) }
}
