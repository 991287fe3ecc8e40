import { createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/**
 * Odoo signs the token of a form with the secret of its database: the page proves which database it came from,
 * whatever name the request had.
 */
export interface PageSignature {
  readonly session: string
  readonly until: string
  readonly digest: string
}

/** Of a page with a form, and of the session that came with it. */
export function signatureOf(page: string, headers: IncomingHttpHeaders): PageSignature | undefined {
  const session = /\bsession_id=([^;]+)/.exec(headers['set-cookie']?.join() ?? '')?.[1]
  const [, digest, until] = /name="csrf_token" value="([0-9a-f]{40})o(\d+)"/.exec(page) ?? []
  if (session === undefined || digest === undefined || until === undefined) return undefined
  return { session, until, digest }
}

export function isSignedWith({ session, until, digest }: PageSignature, secret: string): boolean {
  return createHmac('sha1', secret).update(`${session}${until}`).digest('hex') === digest
}
