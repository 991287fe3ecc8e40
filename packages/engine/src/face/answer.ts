import { once } from 'node:events'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** A client that takes nothing for so long is let go: nothing waits for it without end. */
const stallMs = 60_000

export interface Answer {
  readonly code: number
  readonly contentType: string
  readonly headers?: OutgoingHttpHeaders
  readonly body: string | AsyncIterable<string | Uint8Array>
}

export function jsonAnswer(body: unknown, options: Partial<Answer> = {}): Answer {
  return { code: 200, contentType: 'application/json', ...options, body: JSON.stringify(body) }
}

export function textAnswer(body: string): Answer {
  return { code: 200, contentType: 'text/plain; charset=utf-8', body }
}

/** Writes an answer no faster than the client takes it. */
export async function send(response: ServerResponse, answer: Answer, signal: AbortSignal) {
  const { code, contentType, headers = {}, body } = answer
  response.writeHead(code, {
    'Content-Type': contentType,
    'Cache-Control': 'no-cache, private',
    'X-Content-Type-Options': 'nosniff',
    // What is left of a body that nobody read must not be taken for the next request.
    ...(!response.req.complete && { Connection: 'close' }),
    ...headers,
  })
  if (typeof body === 'string') {
    response.end(body)
    return
  }
  response.flushHeaders()
  for await (const chunk of body) {
    if (signal.aborted) break
    if (!response.write(chunk)) await drained(response, signal)
  }
  response.end()
}

async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(stallMs)])
  await once(response, 'drain', { signal: limit }).catch(() => response.destroy())
}
