/** How much may wait for environments that are asleep. */
export interface HoldLimits {
  readonly requestsPerEnvironment: number
  readonly bytesPerEnvironment: number
  readonly requests: number
  readonly bytes: number
}

/** A request that waits; what it carries is the caller's. */
export interface Held<T> {
  readonly environment: string
  readonly value: T
  /** Of memory that it takes. */
  readonly bytes: number
  /** When it came, by the gateway's clock: of those that come back, who came first goes first. */
  readonly since: number
}

/** Which bound is reached: the environment's own, or that of all. */
export type HoldRefusal = 'environment-full' | 'full'

/**
 * Requests that wait, first in first out for each environment, bounded for each and in all: one tenant's crowd takes
 * neither memory nor time from the others. Every operation but `takeAll` is constant in time, and `putBack` as long as
 * they come back in their order.
 */
export interface HoldQueue<T> {
  /** Why one more would be too many; asked before `add`. */
  refusal(held: Pick<Held<T>, 'environment' | 'bytes'>): HoldRefusal | undefined
  /** Whoever calls has asked for a refusal in the same breath. */
  add(held: Held<T>): void
  /** Back to the front: it was first and its turn came too early. */
  putBack(held: Held<T>): void
  takeFirst(environment: string): Held<T> | undefined
  takeAll(environment: string): readonly Held<T>[]
  /** Whether it was still waiting. */
  remove(held: Held<T>): boolean
  count(environment: string): number
  /** In all. */
  readonly size: number
}

export function createHoldQueue<T>(limits: HoldLimits): HoldQueue<T> {
  const lines = new Map<string, Line<T>>()
  let requests = 0
  let bytes = 0

  function enter(held: Held<T>, place: 'early' | 'waiting'): Line<T> {
    const line = lines.get(held.environment) ?? newLine<T>()
    lines.set(held.environment, line)
    line[place].add(held)
    line.bytes += held.bytes
    requests += 1
    bytes += held.bytes
    return line
  }

  function leave(held: Held<T>): boolean {
    const line = lines.get(held.environment)
    if (line === undefined) return false
    if (!line.early.delete(held) && !line.waiting.delete(held)) return false
    line.bytes -= held.bytes
    requests -= 1
    bytes -= held.bytes
    if (countOf(line) === 0) lines.delete(held.environment)
    return true
  }

  return {
    refusal(held) {
      const line = lines.get(held.environment)
      const isLineFull =
        countOf(line) >= limits.requestsPerEnvironment ||
        (line?.bytes ?? 0) + held.bytes > limits.bytesPerEnvironment
      if (isLineFull) return 'environment-full'
      const isFull = requests >= limits.requests || bytes + held.bytes > limits.bytes
      return isFull ? 'full' : undefined
    },
    add: (held) => void enter(held, 'waiting'),
    putBack(held) {
      const line = enter(held, 'early')
      if (held.since < line.latestEarly) moveForward(held, line.early)
      line.latestEarly = Math.max(line.latestEarly, held.since)
    },
    takeFirst(environment) {
      const first = firstOf(lines.get(environment))
      if (first !== undefined) leave(first)
      return first
    },
    takeAll(environment) {
      const line = lines.get(environment)
      if (line === undefined) return []
      const all = [...line.early, ...line.waiting]
      for (const held of all) leave(held)
      return all
    },
    remove: leave,
    count: (environment) => countOf(lines.get(environment)),
    get size() {
      return requests
    },
  }
}

/** It came before some of those that came back before it. */
function moveForward<T>({ since }: Held<T>, early: Set<Held<T>>) {
  const later = [...early].filter((other) => other.since > since)
  for (const other of later) early.delete(other)
  for (const other of later) early.add(other)
}

/** Sets keep their order and forget any member at once. */
interface Line<T> {
  /** Had their turn already and came back; in the order in which they came first. */
  readonly early: Set<Held<T>>
  /** No later one has been among them. */
  latestEarly: number
  readonly waiting: Set<Held<T>>
  bytes: number
}

function newLine<T>(): Line<T> {
  return { early: new Set(), latestEarly: 0, waiting: new Set(), bytes: 0 }
}

function countOf<T>(line: Line<T> | undefined): number {
  return line === undefined ? 0 : line.early.size + line.waiting.size
}

function firstOf<T>(line: Line<T> | undefined): Held<T> | undefined {
  for (const held of line?.early ?? []) return held
  for (const held of line?.waiting ?? []) return held
  return undefined
}
