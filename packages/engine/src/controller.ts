import { hasReason, type KubeObject, keyOf, type Log, type ObjectRef, refOfKey } from '@pulse/api'
import type { Clock } from './clock.ts'
import { type ControllerObserver, measurePasses } from './controller-observer.ts'
import { type Change, followChanges } from './follow-changes.ts'
import type { Objects } from './objects.ts'
import { createOwnChanges } from './own-changes.ts'
import { type Rounds, startRounds } from './rounds.ts'
import type { KindRef } from './watch-source.ts'
import { createWorkQueue, type WorkQueue } from './work-queue.ts'

/**
 * Brings the world in line with the objects of one kind. It is level-triggered: a pass reads what is, not what
 * happened, and may run at any time, any number of times.
 */
export interface Controller {
  readonly name: string
  /** The kind it serves; absent when its objects do not stand in the store and `feed` names them. */
  readonly primary?: KindRef
  /** Other kinds whose changes concern an object of the primary kind. */
  readonly watches: readonly Watch[]
  /** Objects worked on at once; one object is never in two hands. Default 8. */
  readonly concurrency?: number
  /** One pass. The answer is when to look again although nothing changed; a throw backs off. */
  reconcile(object: KubeObject, signal: AbortSignal): Promise<Date | undefined>
  /** For how many milliseconds after its pass the object rests from changes of other kinds. Default 0. */
  rest?(ref: ObjectRef): number
  /** Whether this change of the primary kind is no more than what its own pass has written: then it brings no other. */
  isEcho?(object: KubeObject, gone: boolean): boolean
  /** The object is gone: what is remembered of it can go too. */
  forget?(ref: ObjectRef): void
  /** Where the object is read from; default: the store. */
  read?(ref: ObjectRef): Promise<KubeObject | undefined>
  /** Called at the start, and when changes may have been missed, with what puts an object in line for a pass. */
  feed?(add: (ref: ObjectRef) => void): void
}

export interface Watch extends KindRef {
  /** The primary objects that this change concerns. What it was before tells whom it has left. */
  concerns(
    object: KubeObject,
    gone: boolean,
    previous?: KubeObject,
  ): readonly ObjectRef[] | Promise<readonly ObjectRef[]>
}

export interface ControllerRuntime {
  readonly objects: Objects
  readonly log: Log
  readonly clock: Clock
  readonly signal: AbortSignal
  /** In [0, 1). */
  readonly random: () => number
  /** Every object gets a pass about this often although nothing changed. Default: a day. */
  readonly resyncHours?: number
  /** What changes is carried out at once; objects that nobody has touched get their first pass after this. */
  readonly roundsAfter?: Promise<unknown> | undefined
  /** Told what controllers do, for whoever measures them. */
  readonly observer?: ControllerObserver | undefined
}

export interface RunningControllers {
  /** Resolves when no pass is under way any more. Aborting the signal does the same without the wait. */
  stop(): Promise<void>
}

/** Ten thousand tenants stand for two hundred thousand objects: more often would be felt while nobody does anything. */
const longestRestHours = 24

const backOff = { firstMilliseconds: 20, longestMilliseconds: 60_000 }

/**
 * Runs controllers over one set of watches, one per kind. No pass begins before every kind is watched: what changes from
 * then on is heard, and every object gets a pass. Of objects that rest nothing is remembered, however many there are.
 */
export async function runControllers(
  controllers: readonly Controller[],
  runtime: ControllerRuntime,
): Promise<RunningControllers> {
  const halt = new AbortController()
  const signal = AbortSignal.any([runtime.signal, halt.signal])
  const works = controllers.map((controller) => createWork(controller, { ...runtime, signal }))

  const sources = kindsOf(controllers).map((kind) =>
    followChanges(kind, {
      ...runtime,
      signal,
      onChange: (change) => {
        for (const work of works) work.onChange(change)
      },
      onGap: () => {
        for (const work of works) work.onGap(kind)
      },
    }),
  )

  await Promise.all(sources.map(({ synced }) => synced))
  if (!signal.aborted) for (const { start } of works) start()

  async function stop() {
    halt.abort()
    for (const { queue } of works.toReversed()) await queue.stop()
    await Promise.all(sources.map(({ ended }) => ended))
  }
  if (signal.aborted) await stop()
  else runtime.signal.addEventListener('abort', () => void stop(), { once: true })
  return { stop }
}

interface Work {
  readonly queue: WorkQueue
  start(): void
  onChange(change: Change): void
  onGap(kind: KindRef): void
}

/** The queue of one controller and what feeds it. */
function createWork(controller: Controller, runtime: ControllerRuntime): Work {
  const { objects, clock, random, signal, resyncHours = longestRestHours } = runtime
  const log = runtime.log.child({ controller: controller.name })
  const lastErrors = new Map<string, string>()
  let rounds: Rounds | undefined

  async function pass(key: string): Promise<Date | undefined> {
    const ref = refOfKey(key)
    const object = await (controller.read?.(ref) ?? objects.get(ref))
    if (!object) {
      lastErrors.delete(key)
      controller.forget?.(ref)
      return undefined
    }
    const next = await controller.reconcile(object, signal)
    lastErrors.delete(key)
    return next
  }

  /** A failure that repeats itself is one failure: logged once. Conflicts are the normal course of things. */
  function onFailure(key: string, error: unknown, failures: number) {
    const message = error instanceof Error ? error.message : String(error)
    if (hasReason(error, 'Conflict') || lastErrors.get(key) === message) return
    lastErrors.set(key, message)
    log.warn({ err: error, object: key, failures }, 'reconcile failed, trying again')
  }

  const concurrency = controller.concurrency ?? 8
  const rest = (key: string) => controller.rest?.(refOfKey(key)) ?? 0
  const own = createOwnChanges({
    isEcho: (...change) => controller.isEcho?.(...change) ?? false,
    add,
  })
  const measured = measurePasses(controller.name, runtime.observer)
  const queue = createWorkQueue({
    process: (key) => own.during(key, () => measured(() => pass(key))),
    ...{ onFailure, rest },
    ...{ concurrency, backOff, clock, random },
  })

  function add(ref: ObjectRef) {
    queue.add(keyOf(ref))
  }

  function addAll() {
    controller.feed?.(add)
    rounds?.again()
  }

  /** When it cannot be told whom a change concerns, it concerns all: a lost change would never come back. */
  async function concern(watch: Watch, { object, gone, previous }: Change) {
    try {
      const concerned = watch.concerns(object, gone, previous)
      for (const ref of concerned instanceof Promise ? await concerned : concerned) {
        queue.addSoon(keyOf(ref))
      }
    } catch (error) {
      log.warn({ err: error }, 'cannot tell whom a change concerns, looking at all')
      addAll()
    }
  }

  return {
    queue,
    start() {
      runtime.observer?.started(controller.name, queue.depth)
      queue.start()
      controller.feed?.(add)
      const { primary: kind } = controller
      const options = { objects, clock, log, random, signal, hours: resyncHours }
      const taken = { add: queue.add, room: queue.room, after: runtime.roundsAfter }
      rounds = kind && startRounds({ ...options, ...taken, kind })
    },
    onChange(change) {
      const { object, gone } = change
      if (controller.primary && isOfKind(object, controller.primary)) own.note(object, gone)
      for (const watch of controller.watches) {
        if (isOfKind(object, watch)) void concern(watch, change)
      }
    },
    onGap(kind) {
      const { primary, watches } = controller
      const heard = primary ? [primary, ...watches] : watches
      if (heard.some((watch) => isOfKind(kind, watch))) addAll()
    },
  }
}

function kindsOf(controllers: readonly Controller[]): readonly KindRef[] {
  const kinds = new Map<string, KindRef>()
  for (const { primary, watches } of controllers) {
    for (const { apiVersion, kind } of primary ? [primary, ...watches] : watches) {
      kinds.set(`${apiVersion}/${kind}`, { apiVersion, kind })
    }
  }
  return [...kinds.values()]
}

function isOfKind(one: KindRef, other: KindRef): boolean {
  return one.kind === other.kind && one.apiVersion === other.apiVersion
}
