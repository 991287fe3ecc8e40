import type { WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import type { Message } from './parked-protocol.ts'

export interface RelayOptions {
  readonly clock: Clock
  readonly bufferedBytesMax: number
  readonly stallMs: number
}

/**
 * Sends a message on. While the reader is slow the writer is not read, so that what waits is bounded by the mark and
 * what was on its way; a reader that takes nothing is cut.
 */
export function relay(
  message: Message,
  { from, to }: { readonly from: WebSocket; readonly to: WebSocket },
  { clock, bufferedBytesMax, stallMs }: RelayOptions,
) {
  if (to.readyState !== to.OPEN) return
  let stopTimer: (() => void) | undefined
  // Called once it has left, or never will.
  to.send(message.data, { binary: message.isBinary }, () => {
    if (stopTimer === undefined) return
    stopTimer()
    from.resume()
  })
  if (to.bufferedAmount <= bufferedBytesMax || from.isPaused) return
  from.pause()
  stopTimer = clock.after(stallMs, () => to.terminate())
}
