import type { MemoryBudget } from './memory-budget.ts'
import type { Message } from './parked-protocol.ts'

/** What a user has said while no backend was there, first in first out; bounded by count and by the budget. */
export interface HeldMessages {
  /** False when there is no room: it is not held then. */
  add(message: Message): boolean
  /** Empties the line. */
  takeAll(): readonly Message[]
  readonly count: number
}

export function createHeldMessages(
  environment: string,
  { budget, heldMessagesMax }: { readonly budget: MemoryBudget; readonly heldMessagesMax: number },
): HeldMessages {
  let messages: Message[] = []
  return {
    add(message) {
      if (messages.length >= heldMessagesMax) return false
      if (!budget.take(environment, message.data.length)) return false
      messages.push(message)
      return true
    },
    takeAll() {
      const all = messages
      messages = []
      budget.take(environment, -all.reduce((bytes, { data }) => bytes + data.length, 0))
      return all
    },
    get count() {
      return messages.length
    },
  }
}
