import { isRecord, type KubeObject, type Log, listAt, taskNamespace } from '@pulse/api'
import { makeTaskJob, type Parameters } from '@pulse/compositions'
import { type Clock, followKind, type Objects } from '@pulse/engine'

/** Jobs that no resource composes, such as standbys. They run where all tasks run and can be seen like all others. */
export interface TaskJobs {
  /** Runs `pulse task {task} {args}` to its end; throws when the Job has failed or Pulse stops. One `id` a run. */
  run(task: string, args: readonly string[], id: string): Promise<void>
  /** Whether any claim is under way or in line. */
  readonly claimWaits: () => boolean
  /** Calls back whenever a claim has ended. */
  onClaimEnded(run: () => void): void
}

export interface TaskJobsDeps {
  readonly objects: Objects
  readonly parameters: Parameters
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

const job = { apiVersion: 'batch/v1', kind: 'Job' } as const
/** A finished Job stays for its log. */
const keptSeconds = 600

export function createTaskJobs(deps: TaskJobsDeps): TaskJobs {
  const { objects, parameters, signal } = deps
  const claims = new Set<string>()
  const waiting = new Map<string, (failure: Error | undefined) => void>()
  const listeners: (() => void)[] = []

  followKind(job, {
    ...deps,
    random: Math.random,
    onGap: () => {},
    onChange(object, gone) {
      const { name } = object.metadata
      const end = endOf(object)
      if (gone || end !== undefined) {
        waiting.get(name)?.(gone ? new Error(`Job ${name} was deleted`) : end?.failure)
        waiting.delete(name)
        if (claims.delete(name)) for (const listener of listeners) listener()
      } else if (isClaim(object)) claims.add(name)
    },
  })
  signal.addEventListener('abort', () => {
    for (const settle of waiting.values()) settle(new Error('Pulse stops'))
  })

  return {
    claimWaits: () => claims.size > 0,
    onClaimEnded: (listener) => void listeners.push(listener),
    async run(task, args, id) {
      // What begins after the end would wait for an answer that nobody gives.
      signal.throwIfAborted()
      const name = `${task}-${id}`
      const made = makeTaskJob({
        name,
        args: ['task', task, ...args],
        labels: { 'app.kubernetes.io/name': task, 'app.kubernetes.io/managed-by': 'pulse' },
        parameters,
      })
      const spec = typeof made.spec === 'object' ? made.spec : {}
      const settled = new Promise<Error | undefined>((resolve) => waiting.set(name, resolve))
      try {
        await objects.apply(
          { ...made, spec: { ...spec, ttlSecondsAfterFinished: keptSeconds } },
          { fieldManager: 'pulse', force: true },
        )
      } catch (error) {
        waiting.delete(name)
        throw error
      }
      const failure = await settled
      if (failure) throw failure
    },
  }
}

/** Absent while it runs. */
function endOf({ status }: KubeObject): { readonly failure: Error | undefined } | undefined {
  const end = listAt(status, 'conditions')
    .filter(isRecord)
    .find(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True')
  if (end === undefined) return undefined
  if (end.type === 'Complete') return { failure: undefined }
  return { failure: new Error(String(end.message ?? 'the Job failed')) }
}

function isClaim({ metadata }: KubeObject): boolean {
  return (
    metadata.namespace === taskNamespace && metadata.labels?.['planapulse.com/step'] === 'claim'
  )
}
