import { hasReason, type KubeObject, type Log } from '@pulse/api'
import type { Objects } from '@pulse/engine'
import type { Clock } from '@pulse/gateway'
import { bidFor, releaseOf } from './bid.ts'
import {
  type LeaseRecord,
  leaseKind,
  leaseSpec,
  microTime,
  readLease,
  type SeenLease,
  seeLease,
} from './lease.ts'
import { createTerms, type Term } from './terms.ts'

export interface ElectionTimes {
  /** Others wait so long for a holder that is silent. */
  readonly leaseMs: number
  /** Shorter: a holder that could not renew for so long holds it no more, before anybody else takes it. */
  readonly renewDeadlineMs: number
  readonly retryMs: number
}

/** Those of Kubernetes' own controllers. */
export const defaultElectionTimes: ElectionTimes = {
  leaseMs: 15_000,
  renewDeadlineMs: 10_000,
  retryMs: 2_000,
}

export interface ElectionOptions {
  readonly objects: Pick<Objects, 'get' | 'create' | 'update'>
  readonly lease: { readonly namespace: string; readonly name: string }
  /** Of this candidate, unlike that of any other. */
  readonly name: string
  readonly times?: ElectionTimes
  /** Monotonic: no clock of another machine, and none that people set, is ever believed. */
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  /** The lease is ours, for this term. Called again for each. */
  readonly lead: (term: Term) => void
}

/**
 * One of many holds a Lease, and only that one does what must be done once. The Lease is written by compare-and-set,
 * and a foreign one counts as silent when we have seen no change of it for its duration, by our own clock. It keeps two
 * holders from working side by side for long, not from overlapping by a request under way: what is done under it must
 * be harmless twice.
 */
export interface Election {
  /** Ends the term, and leaves the Lease to whoever looks next. */
  close(): Promise<void>
}

const fieldManager = 'pulse-gateway'
const labels = { 'app.kubernetes.io/managed-by': 'pulse' }

export function standForElection(options: ElectionOptions): Election {
  const { objects, clock, random, log, times = defaultElectionTimes } = options
  const ref = { ...leaseKind, ...options.lease }
  const candidate = { name: options.name, durationMs: times.leaseMs }
  const time = () => microTime(new Date(clock.now()))
  const terms = createTerms({ clock, log, name: options.lease.name, lead: options.lead })
  let seen: SeenLease | undefined
  /** As the store gave it last, with its version. */
  let object: KubeObject | undefined
  let isClosed = false
  let cancel = () => {}

  function learn(found: KubeObject | undefined) {
    object = found
    seen = found && seeLease(seen, readLease(found), clock.now())
  }

  async function attempt() {
    // The holder knows what stands there: if it is wrong, the store refuses it.
    if (!terms.isHeld()) learn(await objects.get(ref))
    const askedAt = clock.now()
    const bid = bidFor(seen, candidate, { now: askedAt, time: time() })
    if (bid === undefined) return terms.end('another holds the lease')
    learn(await write(bid))
    if (!isClosed) terms.holdUntil(askedAt + times.renewDeadlineMs)
  }

  async function write(record: LeaseRecord): Promise<KubeObject> {
    const spec = leaseSpec(record)
    return object === undefined
      ? await objects.create(
          { ...leaseKind, metadata: { ...options.lease, labels }, spec },
          { fieldManager },
        )
      : await objects.update({ ...object, spec }, { fieldManager })
  }

  /** What the store refused may be another's word, or somebody's label on the Lease: what stands there tells. */
  async function tryOnce() {
    try {
      await attempt()
    } catch (error) {
      const isRefusal = hasReason(error, 'Conflict') || hasReason(error, 'AlreadyExists')
      if (!isRefusal && !isClosed) {
        log.warn({ err: error, lease: options.lease.name }, 'the lease could not be asked for')
      }
      learn(await objects.get(ref).catch(() => object))
      if (seen?.holder !== options.name) terms.end('another holds the lease')
    }
  }

  async function goOn() {
    await within(clock, times.renewDeadlineMs, tryOnce())
    // All at once would only get in each other's way.
    if (!isClosed) cancel = clock.after(times.retryMs * (1 + random() / 5), again)
  }

  let going = goOn()
  function again() {
    going = goOn()
  }

  async function release() {
    if (seen?.holder === options.name) await write(releaseOf(seen, time()))
  }

  return {
    async close() {
      isClosed = true
      cancel()
      terms.end('it is closed')
      await within(clock, times.retryMs, going)
      await within(
        clock,
        times.retryMs,
        release().catch(() => undefined),
      )
    },
  }
}

/** Waits no longer than that, and leaves no timer behind. */
async function within(clock: Clock, milliseconds: number, work: Promise<void>) {
  const over = Promise.withResolvers<void>()
  const cancel = clock.after(milliseconds, over.resolve)
  try {
    await Promise.race([work, over.promise])
  } finally {
    cancel()
  }
}
