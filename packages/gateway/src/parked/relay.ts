import type { WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import type { Message } from './parked-protocol.ts'

export interface RelayOptions {
  readonly clock: Clock
  readonly bufferedBytesMax: number
  readonly stallMs: number
}

/** What waits for one reader, in its order. */
interface Line {
  add(message: Message, from: WebSocket): void
  /** Hands over all of it, as if its reader were fast. */
  flush(): void
}

/** Of a message in one frame nothing is seen to leave before all of it has. */
const pieceBytes = 64 * 1024

/** Of those that take less than is sent to them; most have none. */
const lines = new WeakMap<WebSocket, Line>()

/**
 * Sends a message on, one that does not leave at once in fragments (RFC 6455 5.4 lets an intermediary do so). While the
 * reader is slow the writer is not read, so that what waits is bounded by the mark and what was on its way; a reader
 * that takes nothing is cut, and one that takes a fragment within the time may go on.
 */
export function relay(
  message: Message,
  { from, to }: { readonly from: WebSocket; readonly to: WebSocket },
  options: RelayOptions,
) {
  if (to.readyState !== to.OPEN) return
  const line = lines.get(to)
  if (line !== undefined) line.add(message, from)
  else if (to.bufferedAmount + message.data.length > pieceBytes) {
    openLine(to, options).add(message, from)
  } else to.send(message.data, { binary: message.isBinary })
}

/** It has yet to take what was sent to it before; whether it takes any of that is looked after here. */
export function isBehind(reader: WebSocket): boolean {
  return lines.has(reader)
}

/** To be called before a close frame, behind which nothing can be sent. */
export function flushTo(reader: WebSocket) {
  lines.get(reader)?.flush()
}

function openLine(to: WebSocket, { clock, bufferedBytesMax, stallMs }: RelayOptions): Line {
  const pieces: Piece[] = []
  const held = new Set<WebSocket>()
  let waitingBytes = 0
  let isSending = false
  let takenAt = clock.now()
  let stopTimer = clock.after(stallMs, look)

  function look() {
    const leftMs = takenAt + stallMs - clock.now()
    if (leftMs > 0) stopTimer = clock.after(leftMs, look)
    else to.terminate()
  }

  function sendNext() {
    const piece = pieces.shift()
    if (piece === undefined) return end()
    isSending = true
    waitingBytes -= piece.data.length
    // Called once it has left, or never will.
    to.send(piece.data, piece.frame, (error) => {
      takenAt = clock.now()
      if (lines.get(to) !== line) return
      if (error) end()
      else sendNext()
    })
  }

  function end() {
    lines.delete(to)
    stopTimer()
    for (const from of held) from.resume()
  }

  const line = {
    add(message: Message, from: WebSocket) {
      waitingBytes += message.data.length
      for (const piece of piecesOf(message)) pieces.push(piece)
      if (!isSending) sendNext()
      if (from.isPaused || to.bufferedAmount + waitingBytes <= bufferedBytesMax) return
      from.pause()
      held.add(from)
    },
    flush() {
      for (const piece of pieces.splice(0)) to.send(piece.data, piece.frame)
      end()
    },
  }
  lines.set(to, line)
  return line
}

interface Piece {
  readonly data: Buffer
  readonly frame: { readonly binary: boolean; readonly fin: boolean }
}

/** At least one, since a message may be empty. */
function* piecesOf({ data, isBinary }: Message): Generator<Piece> {
  let at = 0
  do {
    const end = at + pieceBytes
    yield { data: data.subarray(at, end), frame: { binary: isBinary, fin: end >= data.length } }
    at = end
  } while (at < data.length)
}
