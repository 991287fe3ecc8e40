import { hasReason } from '@pulse/api'

/** Told what controllers do, for whoever measures them. */
export interface ControllerObserver {
  /** Begins to run; `depth` tells at any time how many objects wait or are worked on. */
  started(controller: string, depth: () => number): void
  /** A pass has ended; a conflict, which is the normal course of things, is no failure. */
  passed(controller: string, pass: { readonly seconds: number; readonly failed: boolean }): void
}

/** Passes on what a pass answers or throws, and tells how long it took. */
export function measurePasses(controller: string, observer: ControllerObserver | undefined) {
  return async <T>(pass: () => Promise<T>): Promise<T> => {
    const begunAt = performance.now()
    const told = (failed: boolean) =>
      observer?.passed(controller, { seconds: (performance.now() - begunAt) / 1000, failed })
    try {
      const next = await pass()
      told(false)
      return next
    } catch (error) {
      told(!hasReason(error, 'Conflict'))
      throw error
    }
  }
}
