import { forkedAnnotation, type KubeObject } from '@pulse/api'
import { canonicalJson, fingerprint } from '../fingerprint.ts'
import { isDeleting } from '../ownership.ts'
import { isForked } from './forked-condition.ts'
import { kinds, type Pod, type Service, type ServicePort } from './kinds.ts'
import { selects } from './label-selector.ts'
import { isFinished, isReady } from './pod-state.ts'

export const serviceNameLabel = 'kubernetes.io/service-name'
const managedByLabel = 'endpointslice.kubernetes.io/managed-by'

/**
 * The addresses behind a Service, also of pods that are not ready yet: the gateway probes those itself while it wakes
 * someone. Pods whose named ports lie elsewhere get a slice of their own.
 */
export function planEndpointSlices(service: Service, pods: readonly Pod[]): readonly KubeObject[] {
  const { selector, type } = service.spec
  if (type === 'ExternalName' || isDeleting(service)) return []
  if (selector === undefined || Object.keys(selector).length === 0) return []

  const groups = new Map<string, Slice>()
  const isMeant = (pod: Pod) => selects({ matchLabels: selector }, pod.metadata.labels)
  for (const pod of pods.filter((item) => isMeant(item) && !isFinished(item)).toSorted(byName)) {
    const endpoint = makeEndpoint(pod, service)
    if (!endpoint) continue
    const ports = portsOf(service, pod)
    const key = canonicalJson(ports)
    const { endpoints = [], forked = [] } = groups.get(key) ?? {}
    groups.set(key, {
      ports,
      endpoints: [...endpoints, endpoint],
      forked: [...forked, ...(isForked(pod) ? [pod.metadata.uid ?? ''] : [])],
    })
  }
  const none: Slice = { ports: portsOf(service, undefined), endpoints: [], forked: [] }
  const slices = groups.size > 0 ? [...groups.values()] : [none]
  return slices.map((slice) => makeSlice(service, slice))
}

interface Slice {
  readonly ports: readonly unknown[]
  readonly endpoints: readonly unknown[]
  /** Uids of the pods that are forks. */
  readonly forked: readonly string[]
}

function makeSlice(service: Service, { ports, endpoints, forked }: Slice): KubeObject {
  const { name, namespace, uid = '', labels } = service.metadata
  const { apiVersion, kind } = service
  return {
    ...kinds.endpointSlice,
    metadata: {
      name: `${name.slice(0, 240)}-${fingerprint({ uid, ports }).slice(0, 10)}`,
      ...(namespace !== undefined && { namespace }),
      labels: {
        ...labels,
        [serviceNameLabel]: name,
        [managedByLabel]: 'endpointslice-controller.k8s.io',
      },
      ...(forked.length > 0 && { annotations: { [forkedAnnotation]: forked.join(',') } }),
      ownerReferences: [
        { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    addressType: 'IPv4',
    endpoints,
    ports,
  }
}

function makeEndpoint(pod: Pod, { spec }: Service) {
  const { name, namespace, uid } = pod.metadata
  const address = pod.status?.podIP
  if (!address) return undefined
  const serving = isReady(pod)
  const terminating = isDeleting(pod)
  return {
    addresses: [address],
    conditions: {
      ready: spec.publishNotReadyAddresses === true || (serving && !terminating),
      serving,
      terminating,
    },
    ...(pod.spec.nodeName !== undefined && { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  }
}

/** A port by name is looked up in the pod; one that the pod does not have is left out. */
function portsOf({ spec }: Service, pod: Pod | undefined): readonly unknown[] {
  return (spec.ports ?? []).flatMap((port) => {
    const number = resolve(port, pod)
    if (number === undefined) return []
    const { name = '', protocol = 'TCP', appProtocol } = port
    return [{ name, port: number, protocol, ...(appProtocol !== undefined && { appProtocol }) }]
  })
}

function resolve({ targetPort, port, protocol = 'TCP' }: ServicePort, pod: Pod | undefined) {
  if (targetPort === undefined || targetPort === 0 || targetPort === '') return port
  if (typeof targetPort === 'number') return targetPort
  return pod?.spec.containers
    .flatMap(({ ports = [] }) => ports)
    .find((own) => own.name === targetPort && (own.protocol ?? 'TCP') === protocol)?.containerPort
}

function byName(one: Pod, other: Pod): number {
  return one.metadata.name < other.metadata.name ? -1 : 1
}
