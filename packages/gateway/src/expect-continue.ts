import type { IncomingMessage, ServerResponse } from 'node:http'

/** The client keeps its body back until it is asked for it (RFC 9110 10.1.1). */
function expectsContinue({ headers, httpVersion }: IncomingMessage): boolean {
  return headers.expect?.toLowerCase() === '100-continue' && httpVersion === '1.1'
}

/** Whose connection would go on, had they sent their body. */
const goOnWithBody = new WeakSet<ServerResponse>()

/**
 * For an answer that may come without the body having been asked for: then the client may send it or not, so nothing
 * that follows on the connection could be told from it.
 */
export function expectNoBody(response: ServerResponse) {
  if (response.shouldKeepAlive) goOnWithBody.add(response)
  response.shouldKeepAlive = false
}

/** Asks for the body, once it is known that somebody takes it. */
export function askForBody(request: IncomingMessage, response: ServerResponse) {
  if (!expectsContinue(request) || response.headersSent) return
  response.shouldKeepAlive = goOnWithBody.has(response)
  response.writeContinue()
}
