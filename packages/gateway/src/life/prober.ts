import type { Clock } from '../clock.ts'
import type { Backend } from '../route-source.ts'
import { processOf } from './backends.ts'

/** Asks processes that have an address until they can serve: one question to each at a time, while somebody waits. */
export interface Prober {
  probe(backends: readonly Backend[]): void
}

export interface ProberOptions {
  readonly clock: Clock
  readonly pauseMs: number
  readonly isWanted: (backend: Backend) => boolean
  readonly isReady: (backend: Backend) => Promise<boolean>
  readonly onReady: (backend: Backend) => void
}

export function createProber(options: ProberOptions): Prober {
  const { clock, pauseMs, isWanted, onReady } = options
  const asking = new Set<string>()

  async function ask(backend: Backend) {
    const process = processOf(backend)
    if (!isWanted(backend)) return void asking.delete(process)
    const isReady = await options.isReady(backend).catch(() => false)
    if (!isReady) return void clock.after(pauseMs, () => void ask(backend))
    asking.delete(process)
    onReady(backend)
  }

  return {
    probe(backends) {
      for (const backend of backends) {
        if (asking.has(processOf(backend))) continue
        asking.add(processOf(backend))
        void ask(backend)
      }
    },
  }
}
