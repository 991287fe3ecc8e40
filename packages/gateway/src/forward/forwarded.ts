/** What became of a request that was sent to a backend. */
export type Forwarded =
  /** The client has its answer, whole or broken off. */
  | { readonly type: 'answered'; readonly status: number }
  /** Nothing has run there, nothing was written to the client, and the request can be sent to another backend. */
  | { readonly type: 'refused'; readonly reason: RefusedBy }
  /** Of a request that can be called back: no answer has begun, and the client was told nothing. */
  | { readonly type: 'unanswered' }
  /** The client has gone (499 class). */
  | { readonly type: 'left' }

/** `sealed` and `identity` are the backend's own word (421), `unreachable` is ours. */
export type RefusedBy = 'sealed' | 'identity' | 'unreachable'

/**
 * The reason that a backend's guard gives with a 421, undefined for any other answer: a tenant's own 421 is one like any
 * other, since the guard lets no application say the reason (`plana_gateway`).
 */
export function refusalIn(
  status: number,
  headers: readonly string[],
): Exclude<RefusedBy, 'unreachable'> | undefined {
  if (status !== 421) return undefined
  for (let at = 0; at + 1 < headers.length; at += 2) {
    if (headers[at]?.toLowerCase() !== 'x-pulse-refused') continue
    return headers[at + 1] === 'sealed' ? 'sealed' : 'identity'
  }
  return undefined
}
