import { channel } from 'node:diagnostics_channel'
import { type KubeObject, refOf, teardownFinalizer } from '@pulse/api'
import type { Clock } from './clock.ts'
import { saveCondition } from './composite-status.ts'
import { conditionsOf } from './conditions.ts'
import type { Controller, Watch } from './controller.ts'
import type { EventRecorder } from './events.ts'
import type { Objects, Relations } from './objects.ts'
import { isDeleting, ownedByReference } from './ownership.ts'
import { byResourceName, readComposed } from './read-composed.ts'
import { removeFinalizer, type TeardownStep, takeStep } from './teardown-step.ts'
import type { KindRef } from './watch-source.ts'

export const protectFinalizer = 'planapulse.com/protect'
const teardownLabel = 'planapulse.com/teardown'

/** What a crash test listens to: every step of every teardown, as it begins and ends. */
const steps = channel('pulse.step')
/** A change of what is waited for brings the next pass; this is for what nobody watches. */
const lookAgainMilliseconds = 5_000

export interface TeardownOptions {
  readonly objects: Objects & Relations
  readonly clock: Clock
  readonly events: EventRecorder
  /** In order; the same for the same resource. `observed` holds what was composed for it and is still there. */
  readonly steps: (
    resource: KubeObject,
    observed: Readonly<Record<string, KubeObject>>,
  ) => readonly TeardownStep[]
  /** The kinds that the steps wait for. */
  readonly watches: readonly KindRef[]
}

/**
 * Takes a resource down in the order that loses nothing: the collector alone would take what was composed for it in
 * any order. The journal is what is still there: killed between any two steps, it goes on where it was.
 */
export function teardownController(primary: KindRef, options: TeardownOptions): Controller {
  const { objects, clock, events } = options
  const ownership = ownedByReference(primary)
  /** Resources on their way out, and how many of their steps have been told of. */
  const told = new Map<string, { begun: number; ended: number }>()

  async function reconcile(resource: KubeObject): Promise<Date | undefined> {
    const { name, finalizers = [], resourceVersion } = resource.metadata
    if (!isDeleting(resource)) {
      // The API adds it at creation; this is for what was made before it did.
      if (finalizers.includes(teardownFinalizer)) return undefined
      const patch = {
        metadata: { resourceVersion, finalizers: [...finalizers, teardownFinalizer] },
      }
      await objects.patch(refOf(resource), { type: 'merge', patch }, { fieldManager: 'pulse' })
      return undefined
    }
    if (!finalizers.includes(teardownFinalizer)) return undefined

    const progress = told.get(name) ?? { begun: 0, ended: 0 }
    told.set(name, progress)
    const observed = byResourceName(await readComposed(resource, ownership, objects))
    for (const [index, step] of options.steps(resource, observed).entries()) {
      if (index >= progress.begun) publish(resource, step.name, 'begin')
      progress.begun = Math.max(progress.begun, index + 1)
      const now = clock.now()
      const state = await takeStep(step, { objects, now, labels: { [teardownLabel]: name } })
      if (!state.done) {
        await tell(resource, step, state.waitsFor)
        return state.nextPass ?? new Date(now.getTime() + lookAgainMilliseconds)
      }
      if (index >= progress.ended) publish(resource, step.name, 'end')
      progress.ended = Math.max(progress.ended, index + 1)
    }
    await removeFinalizer(await mustRead(resource), teardownFinalizer, objects)
    told.delete(name)
    return undefined
  }

  /** The status has been written since the pass began. */
  async function mustRead(resource: KubeObject): Promise<KubeObject> {
    return (await objects.get(refOf(resource))) ?? resource
  }

  async function tell(resource: KubeObject, step: TeardownStep, waitsFor: string) {
    const message = `${step.name}: waiting for ${waitsFor}`
    const isKnown = conditionsOf(resource).some(
      (condition) => condition.reason === 'Deleting' && condition.message === message,
    )
    if (isKnown) return
    const condition = { type: 'Ready', status: 'False', reason: 'Deleting', message } as const
    await saveCondition(resource, condition, { objects, now: clock.now() })
    await events.record(resource, { type: 'Normal', reason: 'Deleting', message })
  }

  const watches = options.watches.map(
    (watched): Watch => ({
      ...watched,
      concerns(object, gone, previous) {
        const owners = [object, previous].flatMap(
          (one) => (one && ownership.compositeOf(one)) ?? [],
        )
        const names = [...owners, object.metadata.labels?.[teardownLabel] ?? '']
        // Of what was nobody's, everyone may have waited for the end.
        const waiting = gone && owners.length === 0 ? [...told.keys()] : names
        return waiting.filter((name) => told.has(name)).map((name) => ({ ...primary, name }))
      },
    }),
  )

  return {
    name: `teardown-${primary.kind.toLowerCase()}`,
    primary,
    watches,
    reconcile,
    forget: ({ name }) => void told.delete(name),
  }
}

function publish({ kind, metadata }: KubeObject, step: string, phase: 'begin' | 'end') {
  steps.publish({ task: 'teardown', kind, resource: metadata.name, step, phase })
}
