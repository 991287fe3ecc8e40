import type { Registries } from './registries.ts'

/** Hands requests to those who serve them. */
export interface Lanes {
  run<T>(work: (registries: Registries) => Promise<T>): Promise<T>
}

/**
 * Threaded (no workers): one set of registries, any number of requests at once. With workers: each
 * has its own registries, so the first request that lands on the next worker is cold again, and each
 * serves one request at a time; more wait in line.
 */
export function createLanes(workers: number, makeRegistries: () => Registries): Lanes {
  if (workers === 0) {
    const registries = makeRegistries()
    return { run: (work) => work(registries) }
  }

  const idle = Array.from({ length: workers }, makeRegistries)
  const waiting: ((registries: Registries) => void)[] = []
  const take = (): Promise<Registries> => {
    const registries = idle.shift()
    return registries
      ? Promise.resolve(registries)
      : new Promise((resolve) => void waiting.push(resolve))
  }
  const giveBack = (registries: Registries) => {
    const next = waiting.shift()
    if (next) next(registries)
    else idle.push(registries)
  }

  return {
    async run(work) {
      const registries = await take()
      try {
        return await work(registries)
      } finally {
        giveBack(registries)
      }
    },
  }
}
