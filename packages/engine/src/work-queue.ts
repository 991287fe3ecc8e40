import { createAlarms } from './alarms.ts'
import { type BackOff, backOffMilliseconds } from './back-off.ts'
import type { Clock } from './clock.ts'
import { createRests } from './rests.ts'
import { createRoom } from './room.ts'

/**
 * Keys that wait for a pass. One key is never in two hands, a key added while it is worked on gets one more pass,
 * and nothing is delayed that need not be. A key may rest after a pass, so that a flurry of changes costs few passes.
 */
export interface WorkQueue {
  add(key: string): void
  /** As `add`, but a key that rests after its last pass gets the next one when it has rested. */
  addSoon(key: string): void
  /** The earliest time asked for counts, until the next pass decides anew. */
  addAt(key: string, time: Date): void
  /** Keys that wait for a pass or are in one. */
  depth(): number
  /** Resolves when few keys wait, or none will be taken any more. */
  room(): Promise<void>
  start(): void
  /** No further passes; resolves when those under way have ended. */
  stop(): Promise<void>
}

export interface WorkQueueOptions {
  /** One pass. The answer is when to look again; a throw is a failure and backs off. */
  readonly process: (key: string) => Promise<Date | undefined>
  readonly onFailure: (key: string, error: unknown, failures: number) => void
  /** Asked after a pass that did not fail: for how many milliseconds the key rests. Default 0. */
  readonly rest?: (key: string) => number
  readonly concurrency: number
  readonly backOff: BackOff
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
}

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { clock, concurrency } = options
  const waiting = new Set<string>()
  const running = new Map<string, Promise<void>>()
  const again = new Set<string>()
  const soon = new Set<string>()
  const rests = createRests(clock)
  const alarms = createAlarms(clock, add)
  const failures = new Map<string, number>()
  let started = false
  const room = createRoom(() => !started || waiting.size < concurrency)

  function add(key: string) {
    if (running.has(key)) again.add(key)
    else waiting.add(key)
    pump()
  }

  function addSoon(key: string) {
    if (running.has(key) || rests.has(key)) soon.add(key)
    else add(key)
  }

  function pump() {
    for (const key of waiting) {
      if (!started || running.size >= concurrency) break
      waiting.delete(key)
      running.set(key, pass(key))
    }
    room.look()
  }

  async function pass(key: string) {
    // What was scheduled before is decided anew by this pass.
    alarms.cancel(key)
    rests.cancel(key)
    soon.delete(key)
    // Nothing of the pass runs before the queue knows that the key is taken.
    await Promise.resolve()
    try {
      const next = await options.process(key)
      failures.delete(key)
      if (next && started) alarms.set(key, next)
      if (started) rest(key)
    } catch (error) {
      const count = (failures.get(key) ?? 0) + 1
      failures.set(key, count)
      options.onFailure(key, error, count)
      const delay = backOffMilliseconds(count, options.random(), options.backOff)
      if (started) alarms.set(key, new Date(clock.now().getTime() + delay))
    } finally {
      running.delete(key)
      if (!rests.has(key) && soon.delete(key)) again.add(key)
      if (again.delete(key)) waiting.add(key)
      pump()
    }
  }

  function rest(key: string) {
    const milliseconds = options.rest?.(key) ?? 0
    if (milliseconds === 0) return
    rests.begin(key, milliseconds, () => {
      if (soon.delete(key)) add(key)
    })
  }

  return {
    depth: () => waiting.size + running.size,
    add,
    addSoon,
    addAt: alarms.set,
    room: room.wait,
    start() {
      started = true
      pump()
    },
    async stop() {
      started = false
      alarms.cancelAll()
      rests.cancelAll()
      room.look()
      while (running.size > 0) await Promise.all(running.values())
    },
  }
}
