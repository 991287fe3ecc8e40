import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Asked {
  /** `200` for the tenant's own page; else what came instead. */
  readonly how: string
  readonly ms: number
  /** The page was another tenant's. */
  readonly isForeign: boolean
}

const timeoutMs = 120_000

/** What the company of a tenant is called: only its own database has that name, and each page shows it. */
export function companyOf(tenant: string): string {
  return `Company of ${tenant}`
}

/** The login page of a tenant through the gateway, on a connection of its own, and how long it took until its end. */
export async function askPage(port: number, tenant: string): Promise<Asked> {
  const begun = performance.now()
  const came = await requestPage(port, tenant)
    .then(async (answer) => judge(answer.statusCode ?? 0, await text(answer), tenant))
    .catch((error: unknown) => ({ how: String(error), isForeign: false }))
  return { ...came, ms: performance.now() - begun }
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

function judge(status: number, page: string, tenant: string): Omit<Asked, 'ms'> {
  const shown = new Set(page.match(/Company of [a-z0-9]+/g))
  const isOwn = shown.delete(companyOf(tenant))
  if (shown.size > 0) return { how: `${status} with ${[...shown]}`, isForeign: true }
  if (status === 200 && isOwn) return { how: '200', isForeign: false }
  // The beginning of what is not the page says why.
  return { how: `${status} ${page.slice(0, 300)}`, isForeign: false }
}
