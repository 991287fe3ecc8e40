import { join } from 'node:path'
import { recordOf } from '@pulse/api'
import { type Bell, createBell } from './bell.ts'
import type { RunnerContext } from './context.ts'
import { textOf } from './fields.ts'
import { goneGraceSeconds } from './grace.ts'
import { createHalt } from './halt.ts'
import type { PodJournal } from './journal.ts'
import type { LivingPod } from './living-pod.ts'
import { type Measured, memoryOfPod } from './memory-use.ts'
import type { Pod } from './pod.ts'
import { livePod } from './pod-story.ts'
import { type PodUse, useOfPod } from './pod-use.ts'
import { viewOf } from './pod-view.ts'
import type { Sessions } from './process-table.ts'
import { createStatusWriter } from './status-writer.ts'

/** One pod, seen from the runner. */
export interface PodLife extends Measured {
  readonly namespace: string
  /** What its processes use; `sessions` is called at need. */
  use(sessions: () => Sessions): Promise<PodUse>
  /** Whether one of its containers runs now. */
  isRunning(): boolean
  /** The Pod as it now stands in the store. */
  update(pod: Pod): void
  /** A Secret, a ConfigMap or whatever else containers wait for may have come. */
  wake(): void
  /** The processes end, the Pod stays. */
  end(graceSeconds: number): void
  /** The processes stay, also when Pulse ends. */
  leave(): void
  /** The Pod is gone from the store: nothing of it may stay. */
  vanish(): void
  /** A container's log, or undefined when there was no such run. */
  logOf(container: string, previous: boolean): PodLog | undefined
  /** Resolves when nothing of the pod is left, or it was left alone as ordered. */
  readonly done: Promise<void>
}

export interface PodLog {
  readonly folder: string
  readonly restart: number
  readonly hasEnded: () => boolean
  readonly onChange: Bell['onRing']
}

/** Brings a Pod to life, or goes on with it where the journal says that it stands. */
export function createPodLife(
  context: RunnerContext,
  pod: Pod,
  inherited: PodJournal | undefined,
): PodLife {
  const living: LivingPod = {
    context,
    folder: join(context.podsFolder, pod.uid),
    inherited,
    halt: createHalt(),
    over: new AbortController(),
    sources: createBell(),
    changes: createBell(),
    moments: new Map(),
    status: createStatusWriter(
      context,
      () => living.pod,
      () => viewOf(living),
    ),
    pod,
    record: undefined,
    failure: undefined,
    leftover: undefined,
    startedAt: textOf(recordOf(pod.object.status).startTime),
    isGone: false,
  }

  function update(next: Pod) {
    living.pod = next
    if (next.deleting) end(next.deleting.graceSeconds)
  }

  function end(graceSeconds: number) {
    living.halt.give({ type: 'end', graceSeconds })
    living.over.abort()
  }

  return {
    namespace: pod.namespace,
    isRunning: () =>
      living.pod.containers.some(({ name }) => living.record?.of(name).run !== undefined),
    update,
    wake: living.sources.ring,
    end,
    leave() {
      living.halt.give({ type: 'leave' })
      living.over.abort()
    },
    vanish() {
      living.isGone = true
      end(Math.min(living.pod.graceSeconds, goneGraceSeconds))
    },
    logOf: (container, previous) => logOf(living, container, previous),
    memory: (sessions) => memoryOfPod(living, sessions),
    use: (sessions) => useOfPod(living, sessions),
    done: Promise.resolve().then(() => livePod(living, update)),
  }
}

function logOf(
  { record, folder, changes }: LivingPod,
  container: string,
  previous: boolean,
): PodLog | undefined {
  const journal = record?.of(container)
  if (!record || !journal || (!journal.run && !journal.ended)) return undefined
  const restart = journal.restarts - (previous ? 1 : 0)
  if (restart < 0) return undefined
  const hasEnded = () => {
    const { run, restarts } = record.of(container)
    return run === undefined || restarts !== restart
  }
  return { folder, restart, hasEnded, onChange: changes.onRing }
}
