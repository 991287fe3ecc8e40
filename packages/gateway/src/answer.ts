import type { IncomingMessage, ServerResponse } from 'node:http'
import { preferredLanguage, renderPage } from './pages/page.ts'
import { type PageName, pageTexts } from './pages/texts.ts'

export interface Answer {
  readonly status: number
  readonly page: PageName
  /** A stable word for programs and metrics. */
  readonly code: string
  /** One sentence for programs; people get the page. */
  readonly detail: string
  readonly displayName?: string
  readonly retryAfterSeconds?: number
}

/** Answers without asking Odoo: a page for people, problem+json (RFC 9457) for programs. */
export function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer) {
  const people = (request.headers.accept ?? '').includes('text/html')
  const body = people ? pageOf(request, answer) : problemOf(answer)
  response.writeHead(answer.status, {
    'Content-Type': people ? 'text/html; charset=utf-8' : 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(people && { 'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'" }),
    ...(answer.retryAfterSeconds !== undefined && { 'Retry-After': answer.retryAfterSeconds }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

function pageOf(request: IncomingMessage, answer: Answer): string {
  return renderPage({
    page: answer.page,
    language: preferredLanguage(request.headers['accept-language']),
    ...(answer.displayName !== undefined && { displayName: answer.displayName }),
    ...(answer.retryAfterSeconds !== undefined && { refreshSeconds: answer.retryAfterSeconds }),
  })
}

function problemOf({ status, code, page, detail }: Answer): string {
  return JSON.stringify({
    type: `https://planapulse.com/problems/${code}`,
    title: pageTexts.en[page].title,
    status,
    detail,
  })
}

/** An XML-RPC fault: such clients take any status but 200 for a broken transport. */
export function sendFault(response: ServerResponse, reason: string) {
  const text = reason.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
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
