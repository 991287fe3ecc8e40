import type { Life, LifeContext } from './life.ts'
import type { LifeRecord } from './record.ts'

/** The rules of the protocol, each by its name; the model checker breaks one after the other and must notice. */
export interface LifeRules {
  /** Whether a request may go to the ready process now. */
  mayForward(life: Life, context: LifeContext): boolean
  /** Whether to propose sleep. */
  maySleep(life: Life, context: LifeContext, isAsked: boolean): boolean
  /** Whether this gateway objects to a sleep that is being prepared. */
  mustAbort(life: Life, context: LifeContext): boolean
  /** Whether the sleep is agreed. */
  mayCommit(life: Life, context: LifeContext): boolean
  mayWake(life: Life, context: LifeContext): boolean
  /** Whether what those wanted who have left is still to be done once this record is read. */
  isStillWanted(life: Life, record: LifeRecord): boolean
  /** Whether what was seen of the process tells nothing any more once this record is read. */
  isOutdated(life: Life, record: LifeRecord): boolean
  /** Whether the process that was seen ready takes nothing more, as this refusal tells. */
  hasClosed(life: Life, refusal: Refusal): boolean
}

/** A process has carried out nothing of a request. */
export interface Refusal {
  readonly process: string
  readonly isSealed: boolean
}

/** The rules that are kept. */
export const lifeRules: LifeRules = {
  mayForward(life, context) {
    if (life.backend.status !== 'ready') return false
    // Once down is decided it stays so for this generation, and what has given its word keeps it.
    return life.record.state !== 'down' && !hasGivenWord(life, context)
  },
  maySleep(life, { now, idleMs }, isAsked) {
    if (life.inFlight > 0 || life.held > 0) return false
    const isUp = life.backend.status === 'ready' || life.failedUntil !== undefined
    return isUp && (isAsked || now >= Math.max(life.lastActivity, life.record.since) + idleMs)
  },
  mustAbort(life, context) {
    const isInUse = life.record.isOrdered !== true && (context.isKept || hasUser(life, context))
    return life.inFlight > 0 || isWanted(life, context.now) || isInUse
  },
  mayCommit(life, { members }) {
    return members.every((member) => life.record.words.includes(member))
  },
  /** A second process beside one that is still ending would be two writers of one filestore and one set of schedules. */
  mayWake(life, { now }) {
    const isPossible = life.failedUntil === undefined || now >= life.failedUntil
    const isFree = life.backend.status === 'gone' && life.service === 'active'
    return isWanted(life, now) && isFree && isPossible
  },
  /** It is awake, or has been since: whoever wakes it, those who have left are not woken for again. */
  isStillWanted: ({ record: { generation } }, record) =>
    record.state !== 'up' && record.generation === generation,
  /** Neither an earlier generation's address counts, nor that nothing was there before the sleep was decided. */
  isOutdated({ record: before }, record) {
    const isDecided = record.state === 'down' && before.state !== 'down'
    return record.generation !== before.generation || isDecided
  },
  /** A seal is for ever. What is seen ready under its name later is another process, or one that started anew. */
  hasClosed({ backend }, { process, isSealed }) {
    return isSealed && backend.status === 'ready' && backend.process === process
  },
}

/** By one who waits, or has left before it was woken and could still wait. */
export function isWanted({ held, wantedUntil }: Life, now: number): boolean {
  return held > 0 || (wantedUntil !== undefined && now < wantedUntil)
}

/** Seen by this gateway within the idle time: the one that proposes sleep may have seen nobody. */
function hasUser({ lastActivity, bornAt }: Life, { now, idleMs }: LifeContext): boolean {
  return lastActivity > bornAt && now < lastActivity + idleMs
}

/** Said, or on the way to being said: a write under way may have been taken already. */
function hasGivenWord({ record, writing }: Life, { self }: LifeContext): boolean {
  const isGiven = record.state === 'draining' && record.words.includes(self)
  const isOnTheWay = writing?.state === 'draining' || writing?.state === 'down'
  return isGiven || isOnTheWay
}
