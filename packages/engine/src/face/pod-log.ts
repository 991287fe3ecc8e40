import { isRecord, type KubeObject } from '@pulse/api'
import { badRequest } from '../store/refusals.ts'
import type { Answer } from './answer.ts'
import type { ObjectCall } from './call.ts'
import { countOf, isSet } from './query.ts'
import { mustGet } from './read.ts'
import { withWarnings } from './warnings.ts'

/** The log of one container of a pod, as it is or as it grows. */
export async function podLog(call: ObjectCall): Promise<Answer> {
  const { query, server, signal } = call
  const pod = await mustGet(call)
  const container = containerOf(pod, query.get('container') || undefined)
  const previous = flag(query, 'previous')
  refuseUnstarted(pod, container, previous)
  const tailLines = countOf(query, 'tailLines')
  const limitBytes = countOf(query, 'limitBytes')
  const sinceTime = sinceTimeOf(call)
  const body = await server.openLog(
    {
      pod,
      container,
      previous,
      follow: flag(query, 'follow'),
      ...(tailLines !== undefined && { tailLines }),
      ...(limitBytes !== undefined && { limitBytes }),
      ...(sinceTime !== undefined && { sinceTime }),
    },
    signal,
  )
  const answer = { code: 200, contentType: 'text/plain', body }
  if (!flag(query, 'timestamps')) return answer
  return withWarnings(answer, ['logs of this installation carry no timestamps'])
}

function flag(query: URLSearchParams, name: string): boolean {
  return query.has(name) && isSet(query, name)
}

function sinceTimeOf({ query, server }: ObjectCall): string | undefined {
  const seconds = countOf(query, 'sinceSeconds')
  const time = query.get('sinceTime') || undefined
  if (seconds !== undefined && time !== undefined) {
    throw badRequest('at most one of sinceTime or sinceSeconds may be specified')
  }
  if (time !== undefined && Number.isNaN(Date.parse(time))) {
    throw badRequest(`sinceTime: Invalid value: ${JSON.stringify(time)}: must be RFC 3339`)
  }
  if (seconds === undefined) return time
  return new Date(server.now().getTime() - seconds * 1000).toISOString()
}

const defaultContainer = 'kubectl.kubernetes.io/default-container'

function containerOf(pod: KubeObject, asked: string | undefined): string {
  const { name, annotations = {} } = pod.metadata
  const main = namesIn(pod.spec, 'containers')
  const all = [...main, ...namesIn(pod.spec, 'initContainers')]
  const choice = asked ?? annotations[defaultContainer] ?? (main.length === 1 ? main[0] : undefined)
  if (choice === undefined) {
    throw badRequest(
      `a container name must be specified for pod ${name}, choose one of: [${all.join(' ')}]`,
    )
  }
  if (all.includes(choice)) return choice
  throw badRequest(`container ${choice} is not valid for pod ${name}`)
}

function refuseUnstarted(pod: KubeObject, container: string, previous: boolean) {
  const status = statusOf(pod, container)
  const restarts = Number(status?.restartCount ?? 0)
  const where = `container "${container}" in pod "${pod.metadata.name}"`
  if (previous && restarts === 0) throw badRequest(`previous terminated ${where} not found`)
  const state = isRecord(status?.state) ? status.state : {}
  if (state.running !== undefined || state.terminated !== undefined || restarts > 0) return
  const waiting = isRecord(state.waiting) ? state.waiting : {}
  throw badRequest(`${where} is waiting to start: ${waiting.reason ?? 'ContainerCreating'}`)
}

function statusOf({ status }: KubeObject, container: string) {
  return ['containerStatuses', 'initContainerStatuses']
    .flatMap((list) => recordsIn(status, list))
    .find(({ name }) => name === container)
}

function namesIn(spec: unknown, list: string): readonly string[] {
  return recordsIn(spec, list).flatMap(({ name }) => (typeof name === 'string' ? [name] : []))
}

function recordsIn(value: unknown, list: string) {
  const items = isRecord(value) ? value[list] : undefined
  return Array.isArray(items) ? items.filter(isRecord) : []
}
