import { type IncomingMessage, request as send } from 'node:http'
import { refusalIn } from '../forward/forwarded.ts'
import { identityHeader } from '../headers.ts'
import type { Backend } from '../route-source.ts'
import { type Handshake, headersOf } from './handshake.ts'
import type { SessionCheck } from './parked-protocol.ts'

export interface QuestionOptions {
  readonly backend: Backend
  readonly handshake: Handshake
  readonly answerTimeoutMs: number
  readonly signal?: AbortSignal
}

/** As much of an answer as tells; the rest is not read. */
const answerBytesMax = 16 * 1024

/** Whether the session of this handshake holds; undefined when the backend gave no answer to go by. */
export async function isLoggedIn(
  check: SessionCheck,
  options: QuestionOptions,
): Promise<boolean | undefined> {
  const { backend, handshake } = options
  const { promise, resolve } = Promise.withResolvers<boolean | undefined>()
  const outgoing = send({
    host: backend.address,
    port: backend.httpPort,
    method: 'POST',
    path: check.path,
    agent: false,
    ...(options.signal && { signal: options.signal }),
    headers: {
      ...headersOf(handshake),
      'content-type': check.contentType,
      'content-length': Buffer.byteLength(check.body),
      ...(backend.identity !== undefined && { [identityHeader]: backend.identity }),
    },
  })
  outgoing.on('response', (answer) => {
    const { statusCode: status = 0 } = answer
    let body = ''
    answer.setEncoding('utf8')
    answer.on('data', (text: string) => {
      body += text
      if (body.length > answerBytesMax) answer.destroy()
    })
    answer.on('close', () =>
      resolve(isAboutSession(answer) ? check.isLoggedIn({ status, body }) : undefined),
    )
  })
  outgoing.on('error', () => resolve(undefined))
  // Of one that switches protocols nothing else is heard.
  outgoing.on('upgrade', (_, socket) => {
    socket.destroy()
    resolve(undefined)
  })
  const late = setTimeout(() => outgoing.destroy(), options.answerTimeoutMs)
  outgoing.on('close', () => clearTimeout(late))
  outgoing.end(check.body)
  return await promise
}

/** A guard refuses before any of a tenant's code runs, and 5xx comes from none that has got far. */
function isAboutSession({ statusCode = 0, rawHeaders }: IncomingMessage): boolean {
  return statusCode < 500 && refusalIn(statusCode, rawHeaders) === undefined
}
