import type { LifeRecord } from './record.ts'
import { type LifeRules, lifeRules, type Refusal } from './rules.ts'

/** One environment as one gateway sees it. Requests themselves are the shell's; here they are counted. */
export interface Life {
  /** As last read. Old at any moment: what it permits is only sure together with the seal. */
  readonly record: LifeRecord
  readonly backend: Backend
  readonly inFlight: number
  readonly held: number
  /** Those who have left wanted it, and until then could have waited; undefined once it is awake. */
  readonly wantedUntil: number | undefined
  /** Epoch milliseconds of the end of the last request that counts as activity; until there is one, of its birth. */
  readonly lastActivity: number
  /** Since when this gateway looks at it. */
  readonly bornAt: number
  /** The write under way; its outcome is unknown until `written` tells what stands there now. */
  readonly writing: LifeRecord | undefined
  readonly service: 'active' | 'suspended' | 'disabled'
  /** The process does not come up; until then nobody waits for it. */
  readonly failedUntil: number | undefined
}

/** The environment's process: `gone` only when none is left at all. */
export type Backend =
  | { readonly status: 'gone' | 'starting' | 'stopping' }
  | { readonly status: 'ready'; readonly process: string }

/** What happens to an environment, as the protocol sees it. */
export type LifeEvent =
  /** A request that wants the environment. */
  | { readonly type: 'arrived' }
  /** A held request may try again. */
  | { readonly type: 'released' }
  /**
   * One who was held waits no more: its client has left, or its deadline has passed. What it wanted is wanted until then
   * all the same; undefined: it was turned away, and wants nothing.
   */
  | { readonly type: 'left'; readonly until: number | undefined }
  /** What those wanted who have left is not to be had any more. */
  | { readonly type: 'unwanted' }
  | { readonly type: 'finished'; readonly isActivity: boolean }
  /** Nothing of the request was carried out: 421, or no connection. The shell holds it again. */
  | ({ readonly type: 'refused' } & Refusal)
  | { readonly type: 'looked'; readonly backend: Backend }
  | { readonly type: 'read'; readonly record: LifeRecord }
  | { readonly type: 'written'; readonly record: LifeRecord }
  /** Time to see whether it may sleep; `isAsked` does not wait for idleness. */
  | { readonly type: 'swept'; readonly isAsked: boolean }
  /** It does not come up; nobody waits for it before `until`. Undefined: what was amiss has passed. */
  | { readonly type: 'failed'; readonly until: number | undefined }
  | { readonly type: 'served'; readonly service: Life['service'] }
  /** A user's sign that is no request. */
  | { readonly type: 'active' }

/** What has to be done after a step. */
export type LifeEffect =
  | { readonly type: 'forward'; readonly process: string }
  | { readonly type: 'hold' }
  | { readonly type: 'answer'; readonly with: 'suspended' | 'disabled' | 'failed' }
  /** Compare-and-set; afterwards `written` with what stands there. */
  | { readonly type: 'write'; readonly expected: LifeRecord; readonly next: LifeRecord }
  /** Held requests may try again, as fast as the backend takes them. */
  | { readonly type: 'release' }
  /** Held requests are answered that it failed. */
  | { readonly type: 'giveUp' }

/** What a step must know beside the life itself. */
export interface LifeContext {
  /** Name of this gateway. */
  readonly self: string
  /** Gateways that count, this one among them; a silent one is no longer waited for when its lease has ended. */
  readonly members: readonly string[]
  readonly now: number
  /** Epoch milliseconds as people have them: after the machine's clock was set, not those of `now`. */
  readonly epoch: number
  readonly idleMs: number
  /** Schedules, an order, or a wake beyond its limit: this gateway lets nobody's idle time put it to sleep now. */
  readonly isKept: boolean
}

/** The life after an event, and what follows from it. */
export interface Step {
  readonly life: Life
  readonly effects: readonly LifeEffect[]
}

/** A life of which nothing is known but its record: what runs has still to be seen. */
export const newLife = (record: LifeRecord, now: number): Life => ({
  record,
  backend: unseen(record),
  inFlight: 0,
  held: 0,
  wantedUntil: undefined,
  lastActivity: now,
  bornAt: now,
  writing: undefined,
  service: 'active',
  failedUntil: undefined,
})

/**
 * The whole protocol of sleeping and waking, as one pure step. It is what runs and what the model checker explores; the
 * rules come as an argument so that the checker can be shown to miss none of them.
 */
export function stepLife(
  before: Life,
  event: LifeEvent,
  context: LifeContext,
  rules: LifeRules = lifeRules,
): Step {
  const effects: LifeEffect[] = []
  const after = settle(take(before, event, { context, rules, effects }), event, {
    context,
    rules,
    effects,
  })
  return { life: after, effects }
}

interface Work {
  readonly context: LifeContext
  readonly rules: LifeRules
  readonly effects: LifeEffect[]
}

/** What the event itself says. */
function take(life: Life, event: LifeEvent, work: Work): Life {
  switch (event.type) {
    case 'arrived':
      return arrive(life, work, life.held > 0)
    case 'released':
      return arrive({ ...life, held: life.held - 1 }, work, false)
    case 'left':
      return leave(life, event.until)
    case 'unwanted':
      return { ...life, wantedUntil: undefined }
    case 'finished': {
      const lastActivity = event.isActivity ? work.context.now : life.lastActivity
      return { ...life, inFlight: life.inFlight - 1, lastActivity }
    }
    case 'refused': {
      work.effects.push({ type: 'hold' })
      const backend = work.rules.hasClosed(life, event) ? unseen(life.record) : life.backend
      return { ...life, inFlight: life.inFlight - 1, held: life.held + 1, backend }
    }
    case 'looked':
      return {
        ...life,
        backend: event.backend,
        ...(event.backend.status === 'ready' && { failedUntil: undefined }),
      }
    case 'read':
      return know(life, event.record, work)
    case 'written':
      return { ...know(life, event.record, work), writing: undefined }
    case 'failed':
      return fail(life, event.until, work)
    case 'served':
      return {
        ...life,
        service: event.service,
        ...(event.service !== 'active' && { wantedUntil: undefined }),
      }
    case 'active':
      return { ...life, lastActivity: work.context.now }
    case 'swept':
      return life
  }
}

/** `mustQueue`: others wait already, and nobody overtakes them. */
function arrive(life: Life, { context, rules, effects }: Work, mustQueue: boolean): Life {
  if (life.service !== 'active') {
    effects.push({ type: 'answer', with: life.service })
    return life
  }
  if (life.failedUntil !== undefined && context.now < life.failedUntil) {
    effects.push({ type: 'answer', with: 'failed' })
    return life
  }
  if (!mustQueue && life.backend.status === 'ready' && rules.mayForward(life, context)) {
    effects.push({ type: 'forward', process: life.backend.process })
    return { ...life, inFlight: life.inFlight + 1 }
  }
  effects.push({ type: 'hold' })
  return { ...life, held: life.held + 1 }
}

/** A wake goes on without its client, and so does calling off a sleep; one that is up needs nothing more. */
function leave(life: Life, until: number | undefined): Life {
  const { record, writing, service, wantedUntil = Number.NEGATIVE_INFINITY } = life
  const isUp = record.state === 'up' && writing === undefined
  const left = { ...life, held: life.held - 1 }
  if (until === undefined || isUp || service !== 'active') return left
  return { ...left, wantedUntil: Math.max(until, wantedUntil) }
}

function know(life: Life, record: LifeRecord, { rules }: Work): Life {
  const wantedUntil = rules.isStillWanted(life, record) ? life.wantedUntil : undefined
  const backend = rules.isOutdated(life, record) ? unseen(record) : life.backend
  return { ...life, record, backend, wantedUntil }
}

function unseen({ state }: LifeRecord): Backend {
  return { status: state === 'down' ? 'stopping' : 'starting' }
}

function fail(life: Life, failedUntil: number | undefined, { context, effects }: Work): Life {
  const isOpen = failedUntil !== undefined && context.now < failedUntil
  if (isOpen && life.held > 0) effects.push({ type: 'giveUp' })
  return { ...life, failedUntil, wantedUntil: isOpen ? undefined : life.wantedUntil }
}

/** What follows from the state alone: at most one write at a time, and a release when the way is free. */
function settle(life: Life, event: LifeEvent, { context, rules, effects }: Work): Life {
  const isForwarding = life.backend.status === 'ready' && rules.mayForward(life, context)
  if (life.held > 0 && isForwarding && event.type !== 'released' && event.type !== 'arrived') {
    effects.push({ type: 'release' })
  }
  if (life.writing !== undefined) return life
  const next = nextRecord(life, event, { context, rules, effects })
  if (next === undefined) return life
  effects.push({ type: 'write', expected: life.record, next })
  return { ...life, writing: next }
}

/** The one write that is due, if any. */
function nextRecord(
  life: Life,
  event: LifeEvent,
  { context, rules }: Work,
): LifeRecord | undefined {
  const { record } = life
  const { self, now, epoch } = context
  if (record.state === 'down') {
    if (!rules.mayWake(life, context)) return undefined
    return {
      state: 'up',
      generation: record.generation + 1,
      words: [],
      since: now,
      wokenAt: epoch,
    }
  }
  if (record.state === 'draining') {
    if (rules.mustAbort(life, context)) {
      const { isOrdered: _calledOff, ...kept } = record
      return { ...kept, state: 'up', words: [], since: now }
    }
    if (!record.words.includes(self)) return { ...record, words: [...record.words, self] }
    if (!rules.mayCommit(life, context)) return undefined
    // Whoever starts anew has to know that the order behind the last wake is done.
    const { isOrdered: _isDone, ...kept } = record
    return { ...kept, state: 'down', words: [] }
  }
  if (event.type !== 'swept' || !rules.maySleep(life, context, event.isAsked)) return undefined
  return { ...record, state: 'draining', words: [self], ...(event.isAsked && { isOrdered: true }) }
}
