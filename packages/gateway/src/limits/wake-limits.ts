import { networkOf } from '../network-of.ts'

/** How many wakes there may be; each limit is a bucket that holds as many and fills up evenly. */
export interface WakeLimits {
  /** Of one environment, unless its plan says otherwise. */
  readonly environmentPerHour: number
  readonly addressPerHour: number
  /** Of all environments together. */
  readonly allPerMinute: number
  /** Addresses and environments that are remembered; those not seen for longest are forgotten. */
  readonly rememberedMax: number
}

export const defaultWakeLimits: WakeLimits = {
  environmentPerHour: 10,
  addressPerHour: 100,
  allPerMinute: 1_000,
  rememberedMax: 20_000,
}

/** One wake that is wished for. */
export interface WakeWish {
  readonly environment: string
  /** None for what the platform does itself. */
  readonly clientAddress?: string
  /** By the environment's plan. */
  readonly environmentPerHour?: number
  /** It carries a session cookie or a login, or is a schedule: it is never refused. */
  readonly entitled: boolean
}

/** Whether it may be, and what follows. */
export type WakeVerdict =
  | {
      readonly allowed: true
      /** How much longer than its idle time the environment shall stay awake, so that it wakes less often. */
      readonly extendIdleMs: number
    }
  | {
      readonly allowed: false
      readonly beyond: 'environment' | 'address' | 'all'
      readonly retryAfterSeconds: number
    }

/**
 * Judges wakes. To be asked once for each wake that would start, not for requests that join one: a crowd at the door of
 * one environment is one wake.
 */
export interface WakeJudge {
  judge(wish: WakeWish): WakeVerdict
  /** Whoever has its name next has all its wakes; those of an address and of all together stay counted. */
  forget(environment: string): void
}

/** `now` in milliseconds, monotonic: a clock that is set must neither refuse nor flood. */
export function createWakeJudge(
  now: () => number,
  limits: WakeLimits = defaultWakeLimits,
): WakeJudge {
  const environments = createBuckets(limits.rememberedMax)
  const addresses = createBuckets(limits.rememberedMax)
  const all = createBuckets(1)

  function bucketsOf(wish: WakeWish): readonly Bucket[] {
    const perHour = wish.environmentPerHour ?? limits.environmentPerHour
    const address = wish.clientAddress === undefined ? undefined : networkOf(wish.clientAddress)
    return [
      { beyond: 'environment', of: environments, key: wish.environment, rate: rate(perHour, hour) },
      ...(address === undefined
        ? []
        : [
            {
              beyond: 'address',
              of: addresses,
              key: address,
              rate: rate(limits.addressPerHour, hour),
            } as const,
          ]),
      { beyond: 'all', of: all, key: '', rate: rate(limits.allPerMinute, minute) },
    ]
  }

  return {
    judge(wish) {
      const time = now()
      const buckets = bucketsOf(wish).map((bucket) => ({
        ...bucket,
        waitMs: bucket.of.waitMs(bucket.key, bucket.rate, time),
      }))
      const empty = buckets.find(({ waitMs }) => waitMs > 0)
      // A refusal takes from no bucket: asking in vain must not push the next chance away.
      if (empty !== undefined && !wish.entitled) {
        const retryAfterSeconds = Math.ceil(empty.waitMs / 1_000)
        return { allowed: false, beyond: empty.beyond, retryAfterSeconds }
      }
      for (const { of, key, rate } of buckets) of.take(key, rate, time)
      // As long as the emptiest of them would have made it wait.
      return {
        allowed: true,
        extendIdleMs: Math.ceil(Math.max(...buckets.map((one) => one.waitMs))),
      }
    },
    forget: environments.forget,
  }
}

interface Bucket {
  readonly beyond: 'environment' | 'address' | 'all'
  readonly of: Buckets
  readonly key: string
  readonly rate: Rate
}

interface Rate {
  readonly count: number
  /** Time in which one more is let in. */
  readonly eachMs: number
}

const minute = 60_000
const hour = 60 * minute

function rate(count: number, withinMs: number): Rate {
  return { count: Math.max(1, count), eachMs: withinMs / Math.max(1, count) }
}

interface Buckets {
  /** 0 if one may be taken now. */
  waitMs(key: string, rate: Rate, time: number): number
  take(key: string, rate: Rate, time: number): void
  forget(key: string): void
}

/**
 * Each bucket is one number: the time at which it will be full again (the generic cell rate algorithm). So a bucket that
 * is full needs no memory.
 */
function createBuckets(max: number): Buckets {
  const fullAt = new Map<string, number>()
  return {
    waitMs(key, { count, eachMs }, time) {
      const debtMs = Math.max(0, (fullAt.get(key) ?? time) - time)
      return Math.max(0, debtMs - (count - 1) * eachMs)
    },
    take(key, { count, eachMs }, time) {
      const full = Math.max(fullAt.get(key) ?? time, time) + eachMs
      fullAt.delete(key)
      // Never emptier than empty: who is let in beyond the limit does not shut the door for hours.
      fullAt.set(key, Math.min(full, time + count * eachMs))
      if (fullAt.size <= max) return
      for (const oldest of fullAt.keys()) {
        fullAt.delete(oldest)
        break
      }
    },
    forget: (key) => void fullAt.delete(key),
  }
}
