import type { Backend } from '../route-source.ts'
import type { Sight, Waker } from './waker.ts'

/**
 * A waker over workers that are simply there, or come and go at somebody else's word: nobody is put to sleep, and what is
 * written changes nothing of what is seen.
 */
export function createFixedWaker(see: (environment: string) => Sight | undefined): Waker {
  return {
    see,
    look: async (environment) => see(environment),
    write: async (_, { expected }) => ({ record: expected, version: 1 }),
    isReady: async () => false,
    doubt() {},
    members: () => ['gateway'],
    awake: () => [],
    onChange() {},
  }
}

/** What is seen of one whose workers are these, all of them ready. */
export function servedBy(ready: readonly Backend[], more: Partial<Sight> = {}): Sight {
  return {
    record: { generation: 1, state: 'up', words: [], since: 0 },
    version: 1,
    ready,
    starting: [],
    leaving: 0,
    isGone: false,
    service: 'active',
    wakeTimeoutMs: 200,
    concurrency: 4,
    priority: 0,
    ...more,
  }
}
