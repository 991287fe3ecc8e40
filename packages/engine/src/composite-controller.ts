import {
  type ComposedEvent,
  type ComposeInput,
  type ComposeOutput,
  hasReason,
  type KubeObject,
} from '@pulse/api'
import type { Clock } from './clock.ts'
import { type Composition, nextPassAt } from './compose-settled.ts'
import { saveCondition } from './composite-status.ts'
import { conditionsOf } from './conditions.ts'
import type { Controller, Watch } from './controller.ts'
import type { EventRecorder } from './events.ts'
import { fingerprint } from './fingerprint.ts'
import type { Objects, Relations } from './objects.ts'
import { isDeleting, ownedByLabel, ownedByReference } from './ownership.ts'
import { reconcile } from './reconcile.ts'
import { createRequirementIndex } from './required.ts'
import type { KindRef } from './watch-source.ts'

export interface CompositeOptions {
  readonly objects: Objects & Relations
  readonly clock: Clock
  readonly events: EventRecorder
  compose(input: ComposeInput): ComposeOutput
  readonly parameters: unknown
  /** Every kind that the composition emits or asks to see: another one is a bug and fails the pass. */
  readonly watches: readonly KindRef[]
}

/** The loop for one kind of composite resource. */
export function compositeController(primary: KindRef, options: CompositeOptions): Controller {
  const ownership = ownedByReference(primary)
  const composition = { ...primary, ...options, ownership, isStored: true }
  return { ...compositionController(composition, options), primary }
}

export interface PoolOptions extends CompositeOptions {
  /** Carried by each composed object, with the pool's name as value. */
  readonly label: string
  /** The pool as it is to be now; undefined: no longer served here, its objects stay as they are. */
  readonly read: (name: string) => Promise<KubeObject | undefined>
  /** Called once; `add` gives a pool a pass: at the start, and whenever it changes. */
  readonly feed: (add: (name: string) => void) => void
}

/** The same loop for what is composed but stands outside the store, such as the pool of each registered runtime. */
export function poolController(kind: KindRef, options: PoolOptions): Controller {
  const ownership = ownedByLabel(options.label)
  const composition = { ...kind, ...options, ownership, isStored: false }
  return {
    ...compositionController(composition, options),
    read: ({ name }) => options.read(name),
    feed: (add) => options.feed((name) => add({ ...kind, name })),
  }
}

/**
 * One wake changes a Deployment and what belongs to it a dozen times within a tenth of a second, and most of that means
 * nothing to the composition. While its passes lead to something, the next one follows at once.
 */
const restMilliseconds = 100

function compositionController(composition: Composition, options: CompositeOptions): Controller {
  const { objects, clock, events } = options
  const { apiVersion, kind, ownership, isStored } = composition
  const required = createRequirementIndex()
  const told = new Map<string, ReadonlySet<string>>()
  const idle = new Set<string>()

  const watches = options.watches.map(
    (watched): Watch => ({
      ...watched,
      concerns(object, _gone, previous) {
        const owners = [object, previous].map((one) => one && ownership.compositeOf(one))
        const names = new Set([...owners, ...required.concernedBy(object)])
        return [...names]
          .filter((name) => name !== undefined)
          .map((name) => ({ apiVersion, kind, name }))
      },
    }),
  )

  /** An event is told when it begins to be true, not at each pass in which it still is. */
  async function tell(composite: KubeObject, notes: readonly ComposedEvent[]) {
    const { name } = composite.metadata
    const before = told.get(name)
    if (notes.length > 0) told.set(name, new Set(notes.map(fingerprint)))
    else told.delete(name)
    for (const note of notes.filter((item) => !before?.has(fingerprint(item)))) {
      await events.record(composite, note)
    }
  }

  async function fail(composite: KubeObject, error: unknown) {
    const message = firstLineOf(error)
    const isKnown = conditionsOf(composite).some(
      (condition) => condition.reason === 'ReconcileError' && condition.message === message,
    )
    if (isKnown) return
    const failed = { type: 'Synced', status: 'False', reason: 'ReconcileError', message } as const
    await saveCondition(composite, failed, { objects, now: clock.now() })
    await events.record(composite, { type: 'Warning', reason: 'ReconcileError', message })
  }

  return {
    name: `composite-${kind.toLowerCase()}`,
    watches,
    async reconcile(composite) {
      // Deleting is teardown's and the collector's: composing would bring back what they take away.
      if (isDeleting(composite)) return undefined
      const now = clock.now()
      const { name } = composite.metadata
      idle.delete(name)
      try {
        const { desired, isChanged } = await reconcile(composite, composition, {
          objects,
          required,
          now,
        })
        if (isStored) await tell(composite, desired.events)
        if (!isChanged) idle.add(name)
        return nextPassAt(desired.requeueAt, now)
      } catch (error) {
        if (isStored && !hasReason(error, 'Conflict', 'ServiceUnavailable')) {
          await fail(composite, error)
        }
        throw error
      }
    },
    rest: ({ name }) => (idle.delete(name) ? restMilliseconds : 0),
    forget({ name }) {
      idle.delete(name)
      required.note(name, {})
      told.delete(name)
    },
  }
}

/** A condition's message is one line of bounded length. */
function firstLineOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return (text.split('\n')[0] ?? '').slice(0, 1024)
}
