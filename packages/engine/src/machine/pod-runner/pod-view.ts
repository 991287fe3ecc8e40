import { type Condition, recordOf } from '@pulse/api'
import { forkedCondition } from '../forked-condition.ts'
import { factsOf } from './facts.ts'
import { textOf } from './fields.ts'
import type { ContainerJournal } from './journal.ts'
import type { LivingPod } from './living-pod.ts'
import { lastMoment, type Moment } from './moment.ts'
import type { Pod } from './pod.ts'
import type { ContainerView, PodView } from './pod-status.ts'

/** The pod as it stands now, for its status. */
export function viewOf(living: LivingPod): PodView {
  const { pod, record, moments, context, startedAt, failure, leftover } = living
  const names = [...pod.initContainers, ...pod.containers].map(({ name }) => name)
  const views = names.flatMap((name) => {
    const moment = moments.get(name)
    const journal = record?.of(name)
    if (!journal || (!moment && !journal.run && !journal.ended)) return []
    return [[name, containerView(journal, moment ?? lastMoment(pod, name, journal.run))] as const]
  })
  const address = record?.journal().address
  const isForked = names.some((name) => record?.of(name).run?.isForked === true)
  const facts = [
    ...factsOf(pod, context),
    ...(isForked ? [forkedCondition] : []),
    ...(leftover === undefined ? [] : [notCleanedUp(leftover)]),
  ]
  return { address, startedAt, containers: new Map(views), failure, facts }
}

/** Only ever said of a pod that cannot go. */
function notCleanedUp(message: string): Condition {
  return { type: 'CleanedUp', status: 'False', reason: 'CleanUpFailed', message }
}

function containerView(journal: ContainerJournal, moment: Moment): ContainerView {
  const { run, ended, endedBefore, restarts } = journal
  const { waiting, started, ready } = moment
  const idle = { restarts, started: false, ready: false }
  if (waiting) return { ...idle, state: { type: 'waiting', ...waiting }, last: ended }
  if (run) {
    const { token, startedAt } = run
    return { state: { type: 'running', token, startedAt }, last: ended, restarts, started, ready }
  }
  if (ended) return { ...idle, state: { type: 'terminated', ended }, last: endedBefore }
  return { ...idle, state: { type: 'waiting', reason: 'ContainerCreating' }, last: undefined }
}

/** Why a whole pod was given up, as it was written down. */
export function failureOf(pod: Pod): PodView['failure'] {
  const { reason, message } = recordOf(pod.object.status)
  if (typeof reason !== 'string') return undefined
  return { reason, message: textOf(message) ?? '' }
}
