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

export function createProber(options: ProberOptions): Prober {
  const { clock, isWanted, onReady } = options
  const asking = new Set<string>()

  async function ask(backend: Backend, pauseMs: number) {
    const process = processOf(backend)
    if (!isWanted(backend)) return void asking.delete(process)
    const isReady = await options.isReady(backend).catch(() => false)
    if (!isReady) {
      const next = Math.min(pauseMs * 2, options.pauseMs)
      return void clock.after(pauseMs, () => void ask(backend, next))
    }
    asking.delete(process)
    onReady(backend)
  }

  return {
    probe(backends) {
      for (const backend of backends) {
        if (asking.has(processOf(backend))) continue
        asking.add(processOf(backend))
        void ask(backend, Math.min(firstPauseMs, options.pauseMs))
      }
    },
  }
}
