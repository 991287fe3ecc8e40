import { hasReason, type KubeObject, keyOf, type Log, type ObjectRef } from '@pulse/api'
import type { Clock } from './clock.ts'
import type { Objects } from './objects.ts'
import { createOwnChanges } from './own-changes.ts'
import { followKind, type KindRef } from './watch-source.ts'
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
  /** Called once at the start, with what puts an object in line for a pass. */
  feed?(add: (ref: ObjectRef) => void): void
}

export interface Watch extends KindRef {
  /** The primary objects that this change concerns. An object that is gone may be known by its name alone. */
  concerns(object: KubeObject, gone: boolean): readonly ObjectRef[] | Promise<readonly ObjectRef[]>
}

export interface ControllerRuntime {
  readonly objects: Objects
  readonly log: Log
  readonly clock: Clock
  readonly signal: AbortSignal
  /** In [0, 1). */
  readonly random: () => number
  /** Every object gets a pass about this often although nothing changed; jittered per object by half. */
  readonly resyncHours?: number
}

export interface RunningControllers {
  /** Resolves when no pass is under way any more. Aborting the signal does the same without the wait. */
  stop(): Promise<void>
}

const backOff = { firstMilliseconds: 20, longestMilliseconds: 60_000 }

/**
 * Runs controllers over one set of watches, one per kind. No pass begins before every kind has been listed once, so
 * that what a controller remembers by name is complete from its first pass on.
 */
export async function runControllers(
  controllers: readonly Controller[],
  runtime: ControllerRuntime,
): Promise<RunningControllers> {
  const halt = new AbortController()
  const signal = AbortSignal.any([runtime.signal, halt.signal])
  const works = controllers.map((controller) => createWork(controller, { ...runtime, signal }))

  const sources = kindsOf(controllers).map((kind) =>
    followKind(kind, {
      ...runtime,
      signal,
      onChange: (object, gone) => {
        for (const work of works) work.onChange(object, gone)
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
  onChange(object: KubeObject, gone: boolean): void
  onGap(kind: KindRef): void
}

/** The queue of one controller and what feeds it. */
function createWork(controller: Controller, runtime: ControllerRuntime): Work {
  const { objects, clock, random, resyncHours = 6 } = runtime
  const log = runtime.log.child({ controller: controller.name })
  const refs = new Map<string, ObjectRef>()
  const lastErrors = new Map<string, string>()

  async function pass(key: string): Promise<Date | undefined> {
    const ref = refs.get(key)
    if (!ref) return undefined
    const object = await (controller.read?.(ref) ?? objects.get(ref))
    if (!object) {
      refs.delete(key)
      lastErrors.delete(key)
      controller.forget?.(ref)
      return undefined
    }
    const next = await controller.reconcile(object, runtime.signal)
    lastErrors.delete(key)
    const resync = new Date(clock.now().getTime() + resyncHours * 3_600_000 * (0.5 + random()))
    return next && next < resync ? next : resync
  }

  /** A failure that repeats itself is one failure: logged once. Conflicts are the normal course of things. */
  function onFailure(key: string, error: unknown, failures: number) {
    const message = error instanceof Error ? error.message : String(error)
    if (hasReason(error, 'Conflict') || lastErrors.get(key) === message) return
    lastErrors.set(key, message)
    log.warn({ err: error, object: key, failures }, 'reconcile failed, trying again')
  }

  const concurrency = controller.concurrency ?? 8
  function rest(key: string): number {
    const ref = refs.get(key)
    return (ref && controller.rest?.(ref)) ?? 0
  }

  const own = createOwnChanges({
    isEcho: (...change) => controller.isEcho?.(...change) ?? false,
    add,
  })
  const queue = createWorkQueue({
    process: (key) => own.during(key, () => pass(key)),
    ...{ onFailure, rest },
    ...{ concurrency, backOff, clock, random },
  })

  function add(ref: ObjectRef) {
    queue.add(note(ref))
  }

  function note(ref: ObjectRef): string {
    const key = keyOf(ref)
    refs.set(key, ref)
    return key
  }

  function addAll() {
    for (const ref of refs.values()) add(ref)
  }

  /** When it cannot be told whom a change concerns, it concerns all: a lost change would never come back. */
  async function concern(watch: Watch, object: KubeObject, gone: boolean) {
    try {
      const concerned = watch.concerns(object, gone)
      for (const ref of concerned instanceof Promise ? await concerned : concerned) {
        queue.addSoon(note(ref))
      }
    } catch (error) {
      log.warn({ err: error }, 'cannot tell whom a change concerns, looking at all')
      addAll()
    }
  }

  return {
    queue,
    start() {
      controller.feed?.(add)
      queue.start()
    },
    onChange(object, gone) {
      if (controller.primary && isOfKind(object, controller.primary)) own.note(object, gone)
      for (const watch of controller.watches) {
        if (isOfKind(object, watch)) void concern(watch, object, gone)
      }
    },
    onGap(kind) {
      if (controller.watches.some((watch) => isOfKind(kind, watch))) addAll()
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
