/** The end of a pod's life, whoever asks for it. `leave` lets processes run on without us. */
export interface Halt {
  /** Aborted by the first order. */
  readonly signal: AbortSignal
  readonly order: () => HaltOrder | undefined
  give(order: HaltOrder): void
  /** Calls back with the order that stands, at once if there is one, and whenever it changes; the answer unsubscribes. */
  onOrder(run: (order: HaltOrder) => void): () => void
}

export type HaltOrder =
  | { readonly type: 'end'; readonly graceSeconds: number }
  | { readonly type: 'leave' }

/**
 * The first order decides whether the pod ends or is left: a pod that is being ended cannot be left half ended. A
 * later order to end is told too, for whoever waits to shorten its wait.
 */
export function createHalt(): Halt {
  const controller = new AbortController()
  const listeners = new Set<(order: HaltOrder) => void>()
  let order: HaltOrder | undefined
  return {
    signal: controller.signal,
    order: () => order,
    give(next) {
      if (order !== undefined && (order.type === 'leave' || next.type === 'leave')) return
      order = next
      controller.abort()
      for (const listener of listeners) listener(next)
    },
    onOrder(run) {
      listeners.add(run)
      if (order !== undefined) run(order)
      return () => listeners.delete(run)
    },
  }
}
