/**
 * A step is a task that a composition waits for. Its Job is named after its inputs, stays as it is for as long as it
 * is observed, and is forgotten only once its end stands in `status.steps`.
 *
 * A failed Job stays, for its log. Another attempt is asked for in one of two ways: by a change of what the step is
 * given, which gives the Job another name, or by the annotation `planapulse.com/retry: "1"` (then 2, 3, …) on the
 * resource, which adds `-r1`. The newest failure is kept beside its retry.
 */
import { jobName, type KubeObject, recordOf, retryAnnotation } from '@pulse/api'
import { conditionOf, isTrue, oneLine, statusOf } from './condition.ts'
import { contentHash } from './content-hash.ts'
import { type Labels, labelKeys } from './labels.ts'
import { makeTaskJob } from './make-task-job.ts'
import type { Parameters } from './parameters.ts'

export interface Step {
  readonly name: string
  /** Composition resource name of the Job: differs wherever the Job's name does. */
  readonly key: string
  readonly inputsHash: string
  /** Done once is done for ever: what changes later is not for this step to repeat. */
  readonly once: boolean
  /** As it is made when nothing of the step is observed. */
  readonly job: KubeObject
}

export interface StepInputs {
  readonly name: string
  /** Of the environment or template, for the Job's name. */
  readonly label: string
  readonly args: readonly string[]
  readonly once: boolean
  /** How often its Job tries again by itself. */
  readonly retries?: number
  readonly labels: Labels
  readonly parameters: Parameters
}

export type Observed = Readonly<Record<string, KubeObject>>

export function makeStep(resource: KubeObject, inputs: StepInputs): Step {
  const { name, label, args, once, retries, labels, parameters } = inputs
  const inputsHash = contentHash(JSON.stringify(args))
  const attempt = `${inputsHash}${retrySuffix(resource)}`
  const job = makeTaskJob({
    name: jobName(name, label, attempt),
    labels: { ...labels, [labelKeys.step]: name, [labelKeys.inputsHash]: inputsHash },
    args,
    retries,
    parameters,
  })
  return { name, key: `${name}-${attempt}`, inputsHash, once, job }
}

function retrySuffix(resource: KubeObject): string {
  const retry = retryOf(resource)
  return retry === 0 ? '' : `-r${retry}`
}

/** Which retry a resource asks for; 0 is the first attempt. */
export function retryOf({ metadata }: Pick<KubeObject, 'metadata'>): number {
  const retry = metadata.annotations?.[retryAnnotation] ?? ''
  return /^[1-9][0-9]{0,2}$/.test(retry) ? Number(retry) : 0
}

/** Where a step stands. */
export type StepState =
  | { readonly phase: 'recorded' }
  | { readonly phase: 'succeeded' | 'running'; readonly key: string; readonly job: KubeObject }
  | { readonly phase: 'failed'; readonly message: string }
  | { readonly phase: 'wanted' }

export function stepState(step: Step, resource: KubeObject, observed: Observed): StepState {
  if (isRecorded(step, resource)) return { phase: 'recorded' }

  const jobs = jobsOf(step, observed)
  const succeeded = jobs.find(
    ([, job]) => isTrue(job, 'Complete') && (step.once || hashOf(job) === step.inputsHash),
  )
  if (succeeded !== undefined) {
    return { phase: 'succeeded', key: succeeded[0], job: succeeded[1] }
  }

  // Two Jobs of one step never run at once: new inputs wait for the end of the running one.
  const running = jobs.find(([, job]) => !isFinished(job))
  if (running !== undefined) return { phase: 'running', key: running[0], job: running[1] }

  const failed = jobs.find(([, job]) => job.metadata.name === step.job.metadata.name)
  if (failed !== undefined && isTrue(failed[1], 'Failed')) {
    return { phase: 'failed', message: failureOf(failed[1]) }
  }
  return { phase: 'wanted' }
}

export function isDone(step: Step, resource: KubeObject, observed: Observed): boolean {
  const { phase } = stepState(step, resource, observed)
  return phase === 'recorded' || phase === 'succeeded'
}

/** The step's Jobs as they must be now: the one at work, or the next one, and the newest failure beside it. */
export function jobUnlessDone(step: Step, resource: KubeObject, observed: Observed): Observed {
  const state = stepState(step, resource, observed)
  if (state.phase === 'recorded') return {}
  const failure = newestFailure(step, observed)
  const kept = failure === undefined ? {} : { [failure[0]]: unchanged(failure[1]) }
  switch (state.phase) {
    case 'failed':
      return kept
    case 'wanted':
      return { ...kept, [step.key]: step.job }
    default:
      return { ...kept, [state.key]: unchanged(state.job) }
  }
}

/** `status.steps`: what was recorded stays, what has just succeeded is added. */
export function stepsOf(steps: readonly Step[], resource: KubeObject, observed: Observed) {
  const finished = steps.flatMap((step) => {
    const state = stepState(step, resource, observed)
    if (state.phase !== 'succeeded') return []
    return [[step.name, { inputsHash: hashOf(state.job), result: 'Succeeded' }] as const]
  })
  return { ...recordOf(statusOf(resource).steps), ...Object.fromEntries(finished) }
}

function isRecorded(step: Step, resource: KubeObject): boolean {
  const recorded = recordOf(recordOf(statusOf(resource).steps)[step.name])
  return step.once ? 'inputsHash' in recorded : recorded.inputsHash === step.inputsHash
}

function jobsOf(step: Step, observed: Observed): readonly (readonly [string, KubeObject])[] {
  return Object.entries(observed)
    .filter(([, { kind, metadata }]) => {
      return kind === 'Job' && metadata.labels?.[labelKeys.step] === step.name
    })
    .sort(([left], [right]) => (left < right ? -1 : 1))
}

function newestFailure(step: Step, observed: Observed): readonly [string, KubeObject] | undefined {
  const born = ([key, job]: readonly [string, KubeObject]) =>
    `${job.metadata.creationTimestamp ?? ''} ${key}`
  return jobsOf(step, observed)
    .filter(([, job]) => isTrue(job, 'Failed'))
    .sort((left, right) => (born(left) < born(right) ? 1 : -1))[0]
}

/** Whether a Job has come to its end, good or bad. */
export function isFinished(job: KubeObject): boolean {
  return isTrue(job, 'Complete') || isTrue(job, 'Failed')
}

/** A Job's template can never be changed, so what is observed is what is wanted. */
function unchanged({ apiVersion, kind, metadata, spec }: KubeObject): KubeObject {
  const { name, namespace, labels } = metadata
  return { apiVersion, kind, metadata: { name, namespace, labels }, spec }
}

function hashOf(job: KubeObject): string {
  return job.metadata.labels?.[labelKeys.inputsHash] ?? ''
}

function failureOf(job: KubeObject): string {
  const { reason, message } = conditionOf(job, 'Failed') ?? {}
  return oneLine(`Job ${job.metadata.name} failed: ${message || reason || 'no reason was given'}`)
}
