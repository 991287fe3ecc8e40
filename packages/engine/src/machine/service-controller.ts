import { forkedAnnotation, type KubeObject, type ObjectRef, refOf } from '@pulse/api'
import type { Controller } from '../controller.ts'
import { createEchoes } from '../echoes.ts'
import { isSame } from '../fingerprint.ts'
import { createNews } from '../news.ts'
import { controllerOf, isDeleting } from '../ownership.ts'
import { isForked } from './forked-condition.ts'
import { kinds, machineManager, type Pod, type Service, typed } from './kinds.ts'
import { selects } from './label-selector.ts'
import type { MachineOptions } from './machine-options.ts'
import { planEndpointSlices, serviceNameLabel } from './plan-endpoint-slices.ts'
import { isFinished, isReady } from './pod-state.ts'
import { deleteSeen } from './write-objects.ts'

/** Keeps the EndpointSlices of a Service: the gateway's only source of addresses. */
export function serviceController({ objects }: MachineOptions): Controller {
  const echoes = createEchoes()
  const isNews = createNews((object) => factsOf(typed<Pod>(object)))

  async function reconcile(object: KubeObject): Promise<undefined> {
    const service = typed<Service>(object)
    const { name, namespace } = service.metadata
    const place = namespace === undefined ? {} : { namespace }
    const pods = await objects.list({ ...kinds.pod, ...place })
    const labelSelector = `${serviceNameLabel}=${name}`
    const page = await objects.list({ ...kinds.endpointSlice, ...place, labelSelector })
    const own = page.items.filter((slice) => controllerOf(slice)?.uid === service.metadata.uid)

    const wanted = planEndpointSlices(service, pods.items.map(typed<Pod>))
    for (const slice of wanted) {
      const present = own.find(({ metadata }) => metadata.name === slice.metadata.name)
      if (present && isSame(contentOf(present), contentOf(slice))) continue
      const stored = await objects.apply(slice, { fieldManager: machineManager, force: true })
      if (isSame(contentOf(stored), contentOf(slice))) echoes.note(stored)
    }
    const names = new Set(wanted.map(({ metadata }) => metadata.name))
    await deleteSeen(
      own.filter(({ metadata }) => !names.has(metadata.name)),
      objects,
    )
  }

  /** Services are few in a namespace; all that may select the pod look again. */
  async function servicesOf(pod: KubeObject): Promise<readonly ObjectRef[]> {
    const { namespace, labels } = pod.metadata
    if (namespace === undefined) return []
    const page = await objects.list({ ...kinds.service, namespace })
    // Of a pod known by its name alone, or whose labels have changed, nobody can tell whose it was.
    return page.items
      .map(typed<Service>)
      .filter(({ spec }) => !labels || selects({ matchLabels: spec.selector ?? {} }, labels))
      .map(refOf)
  }

  return {
    name: 'service',
    primary: kinds.service,
    watches: [
      { ...kinds.pod, concerns: (pod, gone) => (isNews(pod, gone) ? servicesOf(pod) : []) },
      {
        ...kinds.endpointSlice,
        concerns: (slice, gone) => (echoes.isEcho(slice, gone) ? [] : serviceOf(slice)),
      },
    ],
    reconcile,
  }
}

function serviceOf(slice: KubeObject): readonly ObjectRef[] {
  const { namespace } = slice.metadata
  const owner = controllerOf(slice)
  if (owner?.kind !== 'Service' || namespace === undefined) return []
  return [{ ...kinds.service, namespace, name: owner.name }]
}

function contentOf({ metadata, endpoints, ports, addressType }: KubeObject) {
  const forked = metadata.annotations?.[forkedAnnotation]
  return { labels: metadata.labels, forked, endpoints, ports, addressType }
}

/** All that a Service looks at in a pod. */
function factsOf(pod: Pod) {
  const { uid, labels } = pod.metadata
  return {
    ...{ uid, labels, podIP: pod.status?.podIP, nodeName: pod.spec.nodeName },
    ...{ isReady: isReady(pod), isFinished: isFinished(pod), isDeleting: isDeleting(pod) },
    isForked: isForked(pod),
    ports: pod.spec.containers.map(({ ports }) => ports),
  }
}
