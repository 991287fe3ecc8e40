import type { IncomingMessage } from 'node:http'
import { type Readable, Transform } from 'node:stream'
import type { Answer } from './answer.ts'

export const tooLarge: Answer = {
  status: 413,
  page: 'too-large',
  code: 'body-too-large',
  detail: 'The request body is larger than this platform accepts.',
}

/** The announced size, when it is over the limit. */
export function announcesTooMuch({ headers }: IncomingMessage, bytesMax: number): boolean {
  return Number(headers['content-length'] ?? 0) > bytesMax
}

/**
 * Passes a body on and breaks it off with `BodyTooLarge` once it grows beyond the limit. The source is only let go then,
 * not destroyed: its socket still has to carry the answer.
 */
export function limitBody(source: Readable, bytesMax: number): Readable {
  let bytes = 0
  const limited = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes > bytesMax) done(new BodyTooLarge(bytesMax))
      else done(null, chunk)
    },
  })
  // Whoever reads it may have let go already; without a listener the error would end the process.
  limited.on('error', () => {})
  source.once('close', () => {
    if (!source.readableEnded) limited.destroy(new Error('the client has gone'))
  })
  return source.pipe(limited)
}

export class BodyTooLarge extends Error {
  constructor(bytesMax: number) {
    super(`the body is larger than ${bytesMax} bytes`)
    this.name = 'BodyTooLarge'
  }
}
