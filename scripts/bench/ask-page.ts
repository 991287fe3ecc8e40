import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { type PageSignature, signatureOf } from './page-signature.ts'

export interface Asked {
  /** `200`, or what came instead. */
  readonly how: string
  readonly ms: number
  readonly signature?: PageSignature | undefined
}

const timeoutMs = 120_000

/** The login page of a tenant through the gateway, on a connection of its own, and how long it took until its end. */
export async function askPage(port: number, tenant: string): Promise<Asked> {
  const begun = performance.now()
  try {
    const answer = await requestPage(port, tenant)
    const page = await text(answer)
    const ms = performance.now() - begun
    const { statusCode, headers } = answer
    if (statusCode === 200) return { ms, how: '200', signature: signatureOf(page, headers) }
    // The beginning of what is not the page says why.
    return { ms, how: `${statusCode} ${page.slice(0, 300)}` }
  } catch (error) {
    return { ms: performance.now() - begun, how: String(error) }
  }
}

function requestPage(port: number, tenant: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request({
      host: '127.0.0.1',
      port,
      path: '/web/login',
      agent: false,
      headers: { host: `${tenant}.localhost` },
      signal: AbortSignal.timeout(timeoutMs),
    })
      .on('response', resolve)
      .on('error', reject)
      .end()
  })
}
