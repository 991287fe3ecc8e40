import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import { mustProblemType } from '@pulse/api'
import type { Answer } from '../answers.ts'
import type { Wording } from '../classes/request-class.ts'
import { isJsonProgram } from '../classes/request-traits.ts'
import type { PageAnswer } from '../pages/shared-pages.ts'
import type { PlainAnswer } from '../plain-answer.ts'
import { noteProblem, sayIfLast, sendAnswer, sendFault, sendProblem } from '../send-answer.ts'
import type { KeptAnswer } from '../static/kept-copies.ts'
import type { StaticAnswer } from '../static/static-files.ts'

/** An answer of the gateway's own. */
export function sendPlain(
  { method }: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: PlainAnswer | PageAnswer,
) {
  sayIfLast(response)
  response.writeHead(status, headers).end(method === 'HEAD' ? undefined : body)
}

/** A kept copy. */
export function sendKept(response: ServerResponse, { status, headers, body }: KeptAnswer) {
  response.writeHead(status, headers)
  if (body.length <= pieceBytes) response.end(body)
  else pipeline(Readable.from(piecesOf(body)), response, () => {})
}

/** A client that takes one of these within its time is seen to read; of a body in one piece nothing would be seen. */
const pieceBytes = 256 * 1024

function* piecesOf(body: Buffer) {
  for (let at = 0; at < body.length; at += pieceBytes) yield body.subarray(at, at + pieceBytes)
}

/** A file of the runtime. */
export function sendStatic(response: ServerResponse, { status, headers, body }: StaticAnswer) {
  response.writeHead(status, headers)
  if (body === undefined) response.end()
  // A file that cannot be read to its end, or a client that left: the connection is cut, as the length is announced.
  else pipeline(body, response, () => {})
}

/** A refusal as its reader can take it: see `Wording`. */
export function sendWorded(
  request: IncomingMessage,
  response: ServerResponse,
  { answer, wording }: { readonly answer: Answer; readonly wording: Wording },
) {
  if (wording === 'page' || wording === 'problem') return sendAnswer(request, response, answer)
  if (wording === 'fault') return sendFault(response, answer)
  if (isJsonProgram(request.headers)) return sendProblem(request, response, answer)
  noteProblem(request, answer.problem)
  const { detail, retryAfterSeconds } = answer
  sendPlain(request, response, {
    status: mustProblemType(answer.problem).status,
    headers: {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': String(Buffer.byteLength(detail) + 1),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
    },
    body: `${detail}\n`,
  })
}
