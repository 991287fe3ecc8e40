import { type Condition, recordOf } from '@pulse/api'
import { listOf, textOf } from './fields.ts'
import type { Ended } from './journal.ts'
import type { Pod } from './pod.ts'

/** One container as it stands now. */
export interface ContainerView {
  readonly state:
    | { readonly type: 'waiting'; readonly reason: string; readonly message?: string }
    | { readonly type: 'running'; readonly token: string; readonly startedAt: string }
    | { readonly type: 'terminated'; readonly ended: Ended }
  readonly last: Ended | undefined
  readonly restarts: number
  readonly started: boolean
  readonly ready: boolean
}

export interface PodView {
  readonly address: string | undefined
  readonly startedAt: string | undefined
  readonly containers: ReadonlyMap<string, ContainerView>
  /** The whole pod is given up, whatever its containers do. */
  readonly failure: { readonly reason: string; readonly message: string } | undefined
  /** What this machine does and does not enforce. */
  readonly facts: readonly Condition[]
}

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed'

const creating: ContainerView = {
  state: { type: 'waiting', reason: 'ContainerCreating' },
  last: undefined,
  restarts: 0,
  started: false,
  ready: false,
}

/** The Pod's status, by Kubernetes' rules; equal input gives an equal status, so that nothing is written in vain. */
export function makePodStatus(pod: Pod, view: PodView, now: string): Record<string, unknown> {
  const phase = phaseOf(pod, view)
  const initialized = pod.initContainers.every(({ name }) =>
    hasSucceeded(view.containers.get(name)),
  )
  const waiting: ContainerView = initialized
    ? creating
    : { ...creating, state: { type: 'waiting', reason: 'PodInitializing' } }
  const statuses = pod.containers.map((container) =>
    containerStatus(container, view.containers.get(container.name) ?? waiting),
  )
  const unready = pod.containers
    .map(({ name }) => name)
    .filter((name) => !view.containers.get(name)?.ready)
  const conditions = [
    conditionOf('PodScheduled', true, { reason: '' }),
    conditionOf('Initialized', initialized, { reason: 'ContainersNotInitialized' }),
    ...(['ContainersReady', 'Ready'] as const).map((type) => readyCondition(type, phase, unready)),
    ...view.facts,
  ]
  return {
    phase,
    ...(view.failure ?? {}),
    hostIP: '127.0.0.1',
    ...(view.address === undefined ? {} : { podIP: view.address, podIPs: [{ ip: view.address }] }),
    ...(view.startedAt === undefined ? {} : { startTime: view.startedAt }),
    qosClass: 'Burstable',
    conditions: conditions.map((item) => withTransition(item, previousConditions(pod), now)),
    ...(pod.initContainers.length === 0
      ? {}
      : {
          initContainerStatuses: pod.initContainers.map((container) =>
            containerStatus(
              container,
              view.containers.get(container.name) ?? {
                ...creating,
                state: { type: 'waiting', reason: 'PodInitializing' },
              },
            ),
          ),
        }),
    containerStatuses: statuses,
  }
}

/** The five phases of Kubernetes, less Unknown: on one machine we always know. */
export function phaseOf(pod: Pod, { containers, failure }: PodView): Phase {
  if (failure) return 'Failed'
  for (const { name } of pod.initContainers) {
    const view = containers.get(name)
    if (hasSucceeded(view)) continue
    return view?.state.type === 'terminated' && pod.restartPolicy === 'Never' ? 'Failed' : 'Pending'
  }
  const views = pod.containers.map(({ name }) => containers.get(name))
  if (views.some((view) => !view || (view.state.type === 'waiting' && !view.last))) return 'Pending'
  const stopped = views.every((view) => view?.state.type === 'terminated')
  if (!stopped || pod.restartPolicy === 'Always') return 'Running'
  if (views.every(hasSucceeded)) return 'Succeeded'
  return pod.restartPolicy === 'Never' ? 'Failed' : 'Running'
}

function hasSucceeded(view: ContainerView | undefined): boolean {
  return view?.state.type === 'terminated' && view.state.ended.exitCode === 0
}

function readyCondition(
  type: 'ContainersReady' | 'Ready',
  phase: Phase,
  unready: readonly string[],
): Condition {
  if (phase === 'Succeeded') return conditionOf(type, false, { reason: 'PodCompleted' })
  if (phase === 'Failed') return conditionOf(type, false, { reason: 'PodFailed' })
  const message = `containers with unready status: [${unready.join(' ')}]`
  return conditionOf(type, unready.length === 0, { reason: 'ContainersNotReady', message })
}

function conditionOf(
  type: string,
  isTrue: boolean,
  ifNot: { readonly reason: string; readonly message?: string },
): Condition {
  if (isTrue) return { type, status: 'True', reason: '' }
  return { type, status: 'False', ...ifNot }
}

function previousConditions(pod: Pod) {
  return listOf(recordOf(pod.object.status).conditions)
}

function withTransition(
  { reason, ...item }: Condition,
  previous: ReturnType<typeof previousConditions>,
  now: string,
) {
  const before = previous.find(({ type }) => type === item.type)
  const since = before?.status === item.status ? textOf(before.lastTransitionTime) : undefined
  return { ...item, ...(reason === '' ? {} : { reason }), lastTransitionTime: since ?? now }
}

function containerStatus({ name, image }: { name: string; image: string }, view: ContainerView) {
  const { state, last, restarts, started, ready } = view
  return {
    name,
    image,
    imageID: image,
    ready,
    started,
    restartCount: restarts,
    state: stateOf(state),
    lastState: last ? { terminated: terminatedOf(last) } : {},
    ...(state.type === 'running' ? { containerID: idOfRun(state.token) } : {}),
    ...(state.type === 'terminated' ? { containerID: idOfRun(state.ended.token) } : {}),
  }
}

function stateOf(state: ContainerView['state']) {
  if (state.type === 'running') return { running: { startedAt: state.startedAt } }
  if (state.type === 'terminated') return { terminated: terminatedOf(state.ended) }
  const { type, ...waiting } = state
  return { [type]: waiting }
}

function terminatedOf({ token, message, ...ended }: Ended) {
  return { ...ended, ...(message === '' ? {} : { message }), containerID: idOfRun(token) }
}

/** How a run is named in a Pod's status. */
export function idOfRun(token: string): string {
  return `pulse://${token}`
}
