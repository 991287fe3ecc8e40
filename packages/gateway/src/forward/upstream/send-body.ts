import type { Socket } from 'node:net'
import type { CallBody } from './call.ts'

export interface BodyProgress {
  /** From here on it is the client who is waited for. */
  onWaiting(): void
  /** The backend has to take what was written. */
  onWritten(): void
  /** Resolves when the socket takes more; rejects or never does when it closes. */
  drained(): Promise<void>
  isOver(): boolean
}

/** Writes the body as it comes, no faster than the backend takes it; returns whether all of it was written. */
export async function sendBody(
  socket: Socket,
  { chunks, bytes }: CallBody,
  progress: BodyProgress,
): Promise<boolean> {
  const isChunked = bytes === undefined
  let written = 0
  try {
    for (;;) {
      progress.onWaiting()
      const { done, value } = await chunks.next()
      if (progress.isOver()) return false
      progress.onWritten()
      if (done) break
      written += value.length
      if (value.length > 0 && !writeChunk(socket, value, isChunked)) await progress.drained()
      if (progress.isOver()) return false
    }
    // The head has promised a length: a request that comes after too few bytes would be taken for the rest.
    if (!isChunked) return written === bytes
    socket.write('0\r\n\r\n', 'latin1')
    return true
  } finally {
    // What is left of it is for the next attempt; nobody waits for that here.
    void chunks.return().catch(() => {})
  }
}

/** In one piece, so that a chunk is one packet if it can be. */
function writeChunk(socket: Socket, chunk: Buffer, isChunked: boolean): boolean {
  if (!isChunked) return socket.write(chunk)
  socket.cork()
  socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1')
  socket.write(chunk)
  const goesOn = socket.write('\r\n', 'latin1')
  socket.uncork()
  return goesOn
}
