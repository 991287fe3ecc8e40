import type { WebSocket } from 'ws'
import type { SocketEnd } from './parked-protocol.ts'
import { flushTo } from './relay.ts'

/** Ends a WebSocket the way another has ended: with its code if a frame can carry it, else as abruptly. */
export function endSocket(socket: WebSocket, { code, reason }: SocketEnd) {
  // A paused socket would not read the other side's close frame.
  socket.resume()
  if (code === 1006) return socket.terminate()
  flushTo(socket)
  if (isSendable(code)) socket.close(code, reason)
  else socket.close()
}

/** RFC 6455 7.4: the others stand for what no frame has said. */
function isSendable(code: number): boolean {
  return (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || code >= 3000
}
