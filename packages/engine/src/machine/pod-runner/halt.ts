/** The end of a pod's life, whoever asks for it. `leave` lets processes run on without us. */
export interface Halt {
  readonly signal: AbortSignal
  readonly order: () => HaltOrder | undefined
  give(order: HaltOrder): void
}

export type HaltOrder =
  | { readonly type: 'end'; readonly graceSeconds: number }
  | { readonly type: 'leave' }

/** A later order may only hasten the end. */
export function createHalt(): Halt {
  const controller = new AbortController()
  let order: HaltOrder | undefined
  return {
    signal: controller.signal,
    order: () => order,
    give(next) {
      if (order !== undefined && order.type === 'leave') return
      order = next
      controller.abort()
    },
  }
}
