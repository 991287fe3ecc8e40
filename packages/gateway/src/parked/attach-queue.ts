import type { Clock } from '../clock.ts'
import { createTokenBucket, type TokenBucket } from './token-bucket.ts'

export interface AttachQueueOptions {
  readonly clock: Clock
  readonly attachesPerSecondPerEnvironment: number
  readonly attachesPerSecond: number
}

export interface Turn {
  readonly environment: string
  /** Somebody waits: before those of this environment that only come back. */
  readonly isUrgent: boolean
  readonly delayMs: number
  readonly run: () => void
}

/**
 * Sockets that are to be attached to backends. When a tenant wakes, all of its sockets want to come back at once: they
 * go in at a rate that the tenant, and all tenants together, can bear. Fair between environments, first in first out
 * within one.
 */
export interface AttachQueue {
  /** Runs it when its turn has come; the answer withdraws it. */
  enter(turn: Turn): () => void
}

export function createAttachQueue(options: AttachQueueOptions): AttachQueue {
  const { clock } = options
  const lines = new Map<string, Line>()
  const all = createTokenBucket(options.attachesPerSecond, clock.now())
  let stopTimer: (() => void) | undefined

  const newLine = (): Line => ({
    urgent: new Set(),
    patient: new Set(),
    bucket: createTokenBucket(options.attachesPerSecondPerEnvironment, clock.now()),
  })

  function stand(turn: Turn) {
    const line = lines.get(turn.environment) ?? newLine()
    lines.set(turn.environment, line)
    line[turn.isUrgent ? 'urgent' : 'patient'].add(turn)
    serve()
  }

  /** One of each environment in turn, for as long as there are tokens. */
  function serve() {
    const now = clock.now()
    const ready = new Set(lines.values())
    while (ready.size > 0 && all.waitFor(now) === 0) {
      for (const line of ready) {
        if (all.waitFor(now) > 0) break
        const turn = firstOf(line)
        if (turn !== undefined && line.bucket.take(now) && all.take(now)) start(line, turn)
        else ready.delete(line)
      }
    }
    forgetIdle(now)
    sleepUntilNext(now)
  }

  function start(line: Line, turn: Turn) {
    line.urgent.delete(turn)
    line.patient.delete(turn)
    // To the end: the next token is another environment's.
    lines.delete(turn.environment)
    lines.set(turn.environment, line)
    // Not within `serve`: what it does may bring the next one here.
    queueMicrotask(turn.run)
  }

  function forgetIdle(now: number) {
    for (const [environment, line] of lines) {
      if (firstOf(line) === undefined && line.bucket.isFull(now)) lines.delete(environment)
    }
  }

  function sleepUntilNext(now: number) {
    stopTimer?.()
    stopTimer = undefined
    const waits = [...lines.values()].flatMap((line) =>
      firstOf(line) === undefined ? [] : [line.bucket.waitFor(now)],
    )
    if (waits.length === 0) return
    // Below some milliseconds a timer costs more than it gains.
    const wait = Math.max(5, all.waitFor(now), Math.min(...waits))
    stopTimer = clock.after(wait, serve)
  }

  return {
    enter(turn) {
      const stopDelay = turn.delayMs > 0 ? clock.after(turn.delayMs, () => stand(turn)) : undefined
      if (stopDelay === undefined) stand(turn)
      return () => {
        stopDelay?.()
        const line = lines.get(turn.environment)
        line?.urgent.delete(turn)
        line?.patient.delete(turn)
      }
    },
  }
}

interface Line {
  readonly urgent: Set<Turn>
  readonly patient: Set<Turn>
  readonly bucket: TokenBucket
}

function firstOf({ urgent, patient }: Line): Turn | undefined {
  for (const turn of urgent) return turn
  for (const turn of patient) return turn
  return undefined
}
