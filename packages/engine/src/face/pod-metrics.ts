import { StatusError } from '@pulse/api'
import type { UseRates } from '../machine/pod-runner/use-rates.ts'
import { matches, parseSelector } from '../store/selectors.ts'
import { type Answer, jsonAnswer } from './answer.ts'
import type { Call } from './call.ts'
import type { ResourceRoute } from './route.ts'

/** What `kubectl top` asks; nothing of it is stored. */
export const metricsGroup = { group: 'metrics.k8s.io', version: 'v1beta1' } as const
const apiVersion = `${metricsGroup.group}/${metricsGroup.version}`

/** As discovery tells of them. */
export const metricsResources = [
  {
    name: 'nodes',
    singularName: '',
    namespaced: false,
    kind: 'NodeMetrics',
    verbs: ['get', 'list'],
  },
  { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
] as const

/** Undefined for any other group, and where nothing is measured. */
export async function answerMetrics(call: Call, route: ResourceRoute): Promise<Answer | undefined> {
  const { podUse } = call.server
  const { group, version, plural, name } = route
  if (podUse === undefined || group !== metricsGroup.group) return undefined
  if (version !== metricsGroup.version || route.subresource !== undefined) throw unknown()
  if (call.method !== 'GET') throw new StatusError('MethodNotAllowed', 'metrics are only read')
  const rates = await podUse()
  if (plural === 'nodes') return await nodeAnswer(call, rates, name)
  if (plural !== 'pods') throw unknown()
  const pods = (await podsAsked(call, route, rates)).map((pod) => metricsOf(pod, rates))
  if (name === undefined) return listAnswer('PodMetrics', pods)
  const [found] = pods
  if (found === undefined) throw new StatusError('NotFound', `pods "${name}" not found`)
  return jsonAnswer({ kind: 'PodMetrics', apiVersion, ...found })
}

type Pod = UseRates['pods'][number]

/** Labels stand on the Pods alone: they are read only where somebody selects by them. */
async function podsAsked(
  { query, server }: Call,
  { namespace, name }: ResourceRoute,
  { pods }: UseRates,
): Promise<readonly Pod[]> {
  const asked = pods.filter(
    (pod) =>
      (namespace === undefined || pod.namespace === namespace) &&
      (name === undefined || pod.name === name),
  )
  const labelSelector = query.get('labelSelector')
  const definition = server.kinds.findResource('', 'v1', 'pods')
  if (!labelSelector || definition === undefined) return asked
  const selector = parseSelector(definition, { labelSelector })
  const chosen = asked.map(async (pod) => {
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace: pod.namespace, name: pod.name }
    const object = await server.objects.get(ref)
    return object !== undefined && matches(selector, object) ? [pod] : []
  })
  return (await Promise.all(chosen)).flat()
}

function metricsOf({ namespace, name, containers }: Pod, { at, windowMs }: UseRates) {
  return {
    metadata: { name, namespace, creationTimestamp: timeOf(at) },
    timestamp: timeOf(at),
    window: windowOf(windowMs),
    containers: containers.map(({ name: container, ...use }) => ({
      name: container,
      usage: usageOf(use),
    })),
  }
}

/** The one machine: what its pods use together. */
async function nodeAnswer(
  { server }: Call,
  { pods, at, windowMs }: UseRates,
  name: string | undefined,
): Promise<Answer> {
  const { items } = await server.objects.list({ apiVersion: 'v1', kind: 'Node', limit: 10 })
  const all = pods.flatMap(({ containers }) => containers)
  const sum = (of: (use: (typeof all)[number]) => number) =>
    all.reduce((total, use) => total + of(use), 0)
  const usage = usageOf({
    cpus: sum(({ cpus }) => cpus),
    memoryBytes: sum(({ memoryBytes }) => memoryBytes),
  })
  const nodes = items
    .filter(({ metadata }) => name === undefined || metadata.name === name)
    .map(({ metadata }) => ({
      metadata: { name: metadata.name, creationTimestamp: timeOf(at) },
      ...{ timestamp: timeOf(at), window: windowOf(windowMs), usage },
    }))
  if (name === undefined) return listAnswer('NodeMetrics', nodes)
  const [found] = nodes
  if (found === undefined) throw new StatusError('NotFound', `nodes "${name}" not found`)
  return jsonAnswer({ kind: 'NodeMetrics', apiVersion, ...found })
}

function listAnswer(kind: string, items: readonly object[]): Answer {
  return jsonAnswer({ kind: `${kind}List`, apiVersion, metadata: {}, items })
}

/** Quantities as a metrics server writes them: billionths of a core, kibibytes. */
function usageOf({ cpus, memoryBytes }: { readonly cpus: number; readonly memoryBytes: number }) {
  return { cpu: `${Math.round(cpus * 1e9)}n`, memory: `${Math.round(memoryBytes / 1024)}Ki` }
}

function timeOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}

function windowOf(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(3)}s`
}

function unknown(): StatusError {
  return new StatusError('NotFound', 'the server could not find the requested resource')
}
