import { hasReason, type KubeObject, type Log, type ObjectRef } from '@pulse/api'
import type { Clock } from './clock.ts'
import { toSeconds } from './conditions.ts'
import { fingerprint } from './fingerprint.ts'
import type { Objects } from './objects.ts'

export interface EventNote {
  readonly type: 'Normal' | 'Warning'
  /** CamelCase. */
  readonly reason: string
  /** One line, without times or numbers that change: equal events are counted, not repeated. */
  readonly message: string
}

/** Says on an object what has happened to it, for `kubectl describe`. Never fails: an event is not worth a failure. */
export interface EventRecorder {
  record(object: KubeObject, note: EventNote): Promise<void>
  /** Deletes events that have not happened again for an hour; what cannot be deleted now goes the next time. */
  expire(): Promise<void>
}

export interface EventRecorderOptions {
  readonly objects: Objects
  readonly log: Log
  readonly clock: Clock
  /** Who speaks, `pulse-engine`. */
  readonly component: string
}

const keptMilliseconds = 3_600_000
/** Per object: so many at once, then one in five minutes, as in Kubernetes. */
const burst = 25
const refillMilliseconds = 300_000
/** More different messages of one reason than this are told as one. */
const differentMessages = 10
/** Objects remembered; the longest silent one is forgotten first. */
const rememberedObjects = 2_000

interface Spoken {
  tokens: number
  refilledAt: number
  readonly messages: Map<string, Set<string>>
}

export function createEventRecorder({
  objects,
  log,
  clock,
  component,
}: EventRecorderOptions): EventRecorder {
  const spoken = new Map<string, Spoken>()

  /** Whether the object may speak once more; refills what time has given back. */
  function mayRecord(uid: string): Spoken | undefined {
    const now = clock.elapsed()
    const known = spoken.get(uid) ?? { tokens: burst, refilledAt: now, messages: new Map() }
    spoken.delete(uid)
    spoken.set(uid, known)
    for (const oldest of spoken.keys()) {
      if (spoken.size <= rememberedObjects) break
      spoken.delete(oldest)
    }
    const refill = Math.max(0, Math.floor((now - known.refilledAt) / refillMilliseconds))
    known.tokens = Math.min(burst, known.tokens + refill)
    known.refilledAt += refill * refillMilliseconds
    if (known.tokens === 0) return undefined
    known.tokens -= 1
    return known
  }

  async function record(object: KubeObject, note: EventNote) {
    const known = mayRecord(object.metadata.uid ?? '')
    if (!known) return
    const told = aggregate(known, note)
    try {
      await write(object, told)
    } catch (error) {
      log.debug({ err: error, reason: note.reason }, 'event not recorded')
    }
  }

  async function write(object: KubeObject, note: EventNote & { readonly identity: unknown }) {
    const now = toSeconds(clock.now())
    const fresh = makeEvent(object, note, { component, now })
    const { name, namespace } = fresh.metadata
    const ref: ObjectRef = { apiVersion: 'v1', kind: 'Event', name, namespace }
    const old = await objects.get(ref)
    if (!old) {
      try {
        await objects.create(fresh, { fieldManager: component })
      } catch (error) {
        if (!hasReason(error, 'AlreadyExists')) throw error
      }
      return
    }
    const count = typeof old.count === 'number' ? old.count + 1 : 2
    const patch = { count, lastTimestamp: now, message: note.message }
    await objects.patch(ref, { type: 'merge', patch }, { fieldManager: component })
  }

  async function deleteOld() {
    const now = clock.now().getTime()
    const kind = { apiVersion: 'v1', kind: 'Event' }
    let next: string | undefined
    do {
      const page = await objects.list({ ...kind, limit: 500, ...(next && { continue: next }) })
      for (const event of page.items.filter((item) => now - lastSeen(item) > keptMilliseconds)) {
        const { name, namespace = 'default', uid = '' } = event.metadata
        try {
          await objects.delete({ ...kind, name, namespace }, { preconditions: { uid } })
        } catch (error) {
          if (!hasReason(error, 'NotFound', 'Conflict')) throw error
        }
      }
      next = page.continue
    } while (next !== undefined)
  }

  async function expire() {
    try {
      await deleteOld()
    } catch (error) {
      log.warn({ err: error }, 'old events not deleted')
    }
  }

  return { record, expire }
}

/** Many different messages of one reason become one event, so that a changing text cannot fill the store. */
function aggregate(known: Spoken, note: EventNote): EventNote & { readonly identity: unknown } {
  const { type, reason } = note
  const messages = known.messages.get(reason) ?? new Set()
  known.messages.set(reason, messages)
  if (messages.has(note.message) || messages.size < differentMessages) {
    messages.add(note.message)
    return { ...note, identity: { type, reason, message: note.message } }
  }
  const message = `(combined from similar events): ${note.message}`
  return { type, reason, message, identity: { type, reason } }
}

/** The name is the identity: who records the same event again finds it, also after a restart. */
function makeEvent(
  object: KubeObject,
  note: EventNote & { readonly identity: unknown },
  { component, now }: { readonly component: string; readonly now: string },
) {
  const { name, namespace, uid, resourceVersion } = object.metadata
  const id = fingerprint({ uid, component, identity: note.identity }).slice(0, 16)
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${id}`, namespace: namespace ?? 'default' },
    involvedObject: {
      apiVersion: object.apiVersion,
      kind: object.kind,
      name,
      ...(namespace !== undefined && { namespace }),
      uid,
      resourceVersion,
    },
    type: note.type,
    reason: note.reason,
    message: note.message,
    count: 1,
    firstTimestamp: now,
    lastTimestamp: now,
    source: { component },
    reportingComponent: component,
    reportingInstance: '',
  }
}

function lastSeen(event: KubeObject): number {
  const time = event.lastTimestamp ?? event.metadata.creationTimestamp
  return typeof time === 'string' ? Date.parse(time) : 0
}
