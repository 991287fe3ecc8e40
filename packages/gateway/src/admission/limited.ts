import type { WakeVerdict } from '../limits/wake-limits.ts'
import { networkOf } from '../network-of.ts'

type Refusal = Extract<WakeVerdict, { readonly allowed: false }>

/** Who was told that wakes are limited, and until when: their page asks again and again, and is told the same. */
export interface Limited {
  note(environment: string, address: string, refusal: Refusal): void
  /** By the clock. */
  until(environment: string, address: string): number | undefined
  lift(environment: string): void
}

const rememberedMax = 10_000

export function createLimited(now: () => number): Limited {
  const times = new Map<string, number>()

  function at(key: string): number | undefined {
    const until = times.get(key)
    if (until === undefined || until > now()) return until
    times.delete(key)
    return undefined
  }

  return {
    note(environment, address, { beyond, retryAfterSeconds }) {
      const key = beyond === 'address' ? keyOf(environment, address) : environment
      times.delete(key)
      times.set(key, now() + retryAfterSeconds * 1_000)
      for (const oldest of times.keys()) {
        if (times.size <= rememberedMax) break
        times.delete(oldest)
      }
    },
    until: (environment, address) => at(environment) ?? at(keyOf(environment, address)),
    lift: (environment) => void times.delete(environment),
  }
}

/** Those who share a limit share its refusal. */
function keyOf(environment: string, address: string): string {
  return `${environment} ${networkOf(address)}`
}
