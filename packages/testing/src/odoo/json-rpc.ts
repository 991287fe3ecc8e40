import { type Answer, json, refusal } from './answer.ts'
import { type Exchange, readBody } from './exchange.ts'

/** A refusal that a client is meant to see, with the name of the exception Odoo would raise. */
export class RpcError extends Error {
  override name = 'RpcError'
  readonly kind: string

  constructor(kind: RpcErrorKind, message: string) {
    super(message)
    this.kind = kind
  }
}

export type RpcErrorKind =
  | 'AccessDenied'
  | 'AccessError'
  | 'UserError'
  | 'MissingError'
  | 'KeyError'
  | 'ValueError'
  | 'AttributeError'

/** Runs one JSON-RPC call; its errors are answers with status 200, as Odoo gives them. */
export async function answerJsonRpc(
  exchange: Exchange,
  call: (parameters: Record<string, unknown>) => Promise<unknown>,
): Promise<Answer> {
  const request = parseRequest((await readBody(exchange)).toString('utf8'))
  if (!request) return refusal(400, 'Invalid JSON data')
  try {
    const result = await call(request.params)
    return json({ jsonrpc: '2.0', id: request.id, result: result ?? null })
  } catch (error) {
    const kind = error instanceof RpcError ? error.kind : 'RuntimeError'
    return json(
      jsonRpcError(request.id, kind, error instanceof Error ? error.message : String(error)),
    )
  }
}

export function jsonRpcError(id: unknown, kind: string, message: string) {
  const expired = kind === 'SessionExpiredException'
  const name = expired
    ? `odoo.http.${kind}`
    : kind.endsWith('Error') && !odooErrors.has(kind)
      ? `builtins.${kind}`
      : `odoo.exceptions.${kind}`
  return {
    jsonrpc: '2.0',
    id: id ?? null,
    error: {
      code: expired ? 100 : 200,
      message: expired ? 'Odoo Session Expired' : 'Odoo Server Error',
      data: { name, message, debug: message, arguments: [message], context: {} },
    },
  }
}

const odooErrors = new Set(['AccessError', 'UserError', 'MissingError', 'ValidationError'])

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseRequest(body: string) {
  try {
    const request: unknown = JSON.parse(body)
    if (!isRecord(request)) return undefined
    return { id: request.id, params: isRecord(request.params) ? request.params : {} }
  } catch {
    return undefined
  }
}
