import type { IncomingMessage, ServerResponse } from 'node:http'
import { mustProblemType, type ProblemSlug, problemTypeUri } from '@pulse/api'
import type { Answer } from './answers.ts'
import { preferredLanguage, renderPage } from './pages/page.ts'
import { hasBody } from './request-body.ts'

const told = new WeakMap<IncomingMessage, ProblemSlug>()

/** Whatever its wording: the status alone does not tell, since a fault is sent with 200. */
export function noteProblem(request: IncomingMessage, problem: ProblemSlug) {
  told.set(request, problem)
}

/** What was told of instead of an answer of Odoo's, if something was. */
export function problemToldOf(request: IncomingMessage): ProblemSlug | undefined {
  return told.get(request)
}

/** Answers without asking Odoo: a page for people, problem+json (RFC 9457) for programs. */
export function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer) {
  const people = (request.headers.accept ?? '').includes('text/html')
  if (!people) return sendProblem(request, response, answer)
  send(request, response, {
    answer,
    body: pageOf(request, answer),
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
    },
  })
}

/** The same for who is known to be a program. */
export function sendProblem(request: IncomingMessage, response: ServerResponse, answer: Answer) {
  const headers = { 'Content-Type': 'application/problem+json' }
  send(request, response, { answer, body: problemOf(answer), headers })
}

interface Sending {
  readonly answer: Answer
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { answer: { problem, retryAfterSeconds }, body, headers }: Sending,
) {
  noteProblem(request, problem)
  sayIfLast(response)
  response.writeHead(mustProblemType(problem).status, {
    ...headers,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(retryAfterSeconds !== undefined && { 'Retry-After': retryAfterSeconds }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/**
 * An answer that does not wait for the body may be the last on its connection, which cannot go on before that is read:
 * a client that is not told loses its next request there.
 */
export function sayIfLast(response: ServerResponse) {
  if (hasBody(response.req) && !response.req.complete) response.shouldKeepAlive = false
}

function pageOf(request: IncomingMessage, answer: Answer): string {
  return renderPage({
    page: answer.page,
    language: preferredLanguage(request.headers['accept-language']),
    ...(answer.displayName !== undefined && { displayName: answer.displayName }),
    ...(answer.retryAfterSeconds !== undefined && { refreshSeconds: answer.retryAfterSeconds }),
  })
}

/** Type, title and status as the catalogue has them. */
function problemOf({ problem, detail }: Answer): string {
  const type = mustProblemType(problem)
  const { title, status } = type
  return JSON.stringify({ type: problemTypeUri(type), title, status, detail })
}

/** An XML-RPC fault: such clients take any status but 200 for a broken transport. */
export function sendFault(
  response: ServerResponse,
  { problem, detail }: Pick<Answer, 'problem' | 'detail'>,
) {
  noteProblem(response.req, problem)
  sayIfLast(response)
  const text = detail.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
  const body =
    "<?xml version='1.0'?>\n<methodResponse><fault><value><struct>" +
    '<member><name>faultCode</name><value><int>3</int></value></member>' +
    `<member><name>faultString</name><value><string>${text}</string></value></member>` +
    '</struct></value></fault></methodResponse>\n'
  response.writeHead(200, {
    'Content-Type': 'text/xml; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
  })
  response.end(body)
}
