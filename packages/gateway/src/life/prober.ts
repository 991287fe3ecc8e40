import type { Clock } from '../clock.ts'
import type { Backend } from '../route-source.ts'
import { processOf } from './backends.ts'

/** Asks processes that have an address until they can serve: one question to each at a time, while somebody waits. */
export interface Prober {
  probe(backends: readonly Backend[]): void
}

export interface ProberOptions {
  readonly clock: Clock
  /** Between two questions to one that has an address for a while; at first they come closer together. */
  readonly pauseMs: number
  readonly isWanted: (backend: Backend) => boolean
  readonly isReady: (backend: Backend) => Promise<boolean>
  readonly onReady: (backend: Backend) => void
}

/** What starts in some milliseconds is not to be found ready a whole pause later. */
const firstPauseMs = 2
/** Whoever takes longer than that is found ready a twentieth later, and asks of one that never is cost little. */
const promptlyMs = 60_000
const longestPauseMs = 5_000

export function createProber(options: ProberOptions): Prober {
  const { clock, isWanted, onReady } = options
  const asking = new Set<string>()

  async function ask(backend: Backend, from: number, pauseMs: number) {
    const process = processOf(backend)
    if (!isWanted(backend)) return void asking.delete(process)
    const isReady = await options.isReady(backend).catch(() => false)
    if (!isReady) {
      const next = nextPauseMs(pauseMs, clock.now() - from)
      return void clock.after(pauseMs, () => void ask(backend, from, next))
    }
    asking.delete(process)
    onReady(backend)
  }

  function nextPauseMs(pauseMs: number, waitedMs: number): number {
    if (waitedMs < promptlyMs) return Math.min(pauseMs * 2, options.pauseMs)
    return Math.max(options.pauseMs, Math.min(waitedMs / 20, longestPauseMs))
  }

  return {
    probe(backends) {
      for (const backend of backends) {
        if (asking.has(processOf(backend))) continue
        asking.add(processOf(backend))
        void ask(backend, clock.now(), Math.min(firstPauseMs, options.pauseMs))
      }
    },
  }
}
