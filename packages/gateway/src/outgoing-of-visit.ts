import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Visit } from './admission/visit.ts'
import type { Forward } from './decide.ts'
import { askForBody } from './expect-continue.ts'
import { createOutgoing, type Outgoing } from './forward/outgoing.ts'
import type { GatewayLimits } from './gateway-limits.ts'
import { requestHeaders } from './headers.ts'
import { BodyRefused, type Chunks, hasBody, readBody, scanBody } from './request-body.ts'
import { sendAnswer, sendFault } from './send-answer.ts'

/** A visitor's request as it goes to a backend; undefined when its body was refused, and the client has been told. */
export async function outgoingOf(
  visit: Visit<Forward>,
  response: ServerResponse,
  options: Pick<Outgoing, 'means' | 'keeper'>,
): Promise<Outgoing | undefined> {
  const { request, decision } = visit
  const body = hasBody(request)
    ? await bodyFor(request, response, { decision, limits: options.means.limits })
    : null
  if (body === 'refused') return undefined
  return createOutgoing(request, response, {
    ...options,
    headers: headersOf(visit),
    body,
    evented: decision.evented,
    onRaced: () => {
      visit.raced = true
    },
  })
}

/** What the tenant's Odoo is told of a request. */
export function headersOf({
  request,
  client,
  decision: { authority, database },
}: Visit<Forward>): string[] {
  return requestHeaders(request.rawHeaders, {
    authority,
    scheme: client.scheme,
    clientAddress: client.address,
    ...(database !== undefined && { database }),
  })
}

/** The body to send on, if there is one; `refused` when the client has had its answer already. */
async function bodyFor(
  request: IncomingMessage,
  response: ServerResponse,
  { decision, limits }: { readonly decision: Forward; readonly limits: GatewayLimits },
): Promise<Chunks | 'refused'> {
  try {
    const chunks = readBody(request, limits)
    askForBody(request, response)
    if (!decision.scanBody) return chunks
    const scanned = await scanBody(request, chunks, decision.route.hostname)
    if (scanned.allowed) return scanned.body
    response.setHeader('Connection', 'close')
    sendFault(response, { problem: 'bad-request', detail: scanned.reason })
  } catch (error) {
    if (!(error instanceof BodyRefused)) throw error
    response.setHeader('Connection', 'close')
    sendAnswer(request, response, error.answer)
  }
  return 'refused'
}
