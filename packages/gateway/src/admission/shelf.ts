import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { Forward } from '../decide.ts'
import type { KeptCopies, KeptLogo, KeptRequest } from '../static/kept-copies.ts'
import { keptKindOf } from '../static/kept-kinds.ts'
import type { KeptSink } from '../static/kept-sinks.ts'
import { splitTarget } from '../static/plain-target.ts'
import type { StaticFiles } from '../static/static-files.ts'
import { headersOfList } from './headers-of-list.ts'
import { sendKept, sendStatic } from './send.ts'
import type { Visit } from './visit.ts'

/** Takes the head of an answer as it passes by; what it gives back takes the body. */
export type Keeper = (status: number, headers: readonly string[]) => KeptSink | undefined

/** What the gateway serves itself: copies of what tenants gave, and files of the runtime. */
export interface Shelf {
  /** Whether it has answered; a promise only where a file has to be looked for. */
  serve(
    visit: Visit<Forward>,
    response: ServerResponse,
    isAsleep: boolean,
  ): boolean | Promise<boolean>
  /** For answers that may be kept, which are few; undefined for all others. */
  keeperFor(visit: Visit<Forward>): Keeper | undefined
  logo(environment: string, authority: string): KeptLogo | undefined
  /** What Odoo gave last. */
  robots(environment: string, authority: string): Buffer | undefined
}

export function createShelf(copies: KeptCopies, files: StaticFiles | undefined): Shelf {
  async function serveFile(visit: Visit<Forward>, response: ServerResponse): Promise<boolean> {
    const { environment } = visit.decision.route
    const answer = await files?.answer(environment, requestOf(visit))
    if (answer === undefined) return false
    visit.handled = 'copy'
    sendStatic(response, answer)
    return true
  }

  return {
    serve(visit, response, isAsleep) {
      const kind = kindOf(visit)
      if (kind === undefined || kind === 'logo' || (kind === 'copy' && !isAsleep)) return false
      if (kind === 'static') return files === undefined ? false : serveFile(visit, response)
      const found = copies.find(visit.decision.route.environment, requestOf(visit), isAsleep)
      if (found === undefined) return false
      visit.handled = 'copy'
      sendKept(response, found)
      return true
    },
    keeperFor(visit) {
      const kind = kindOf(visit)
      if (kind === undefined || kind === 'static') return undefined
      const { environment } = visit.decision.route
      return (status, headers) => {
        const head = { status, headers: headersOfList(headers) }
        return copies.offer(environment, requestOf(visit), head)
      }
    },
    logo: copies.logo,
    robots(environment, authority) {
      const request = { method: 'GET', target: '/robots.txt', headers: { host: authority } }
      const copy = copies.find(environment, request, true)
      return copy?.status === 200 ? copy.body : undefined
    },
  }
}

function kindOf({ request: { method, url = '/' } }: Visit<Forward>) {
  if (method !== 'GET' && method !== 'HEAD') return undefined
  const { path, query } = splitTarget(url)
  return keptKindOf(path, query)
}

/** By the host that Odoo sees: what it writes into an answer is that one’s. */
function requestOf({ request, decision }: Visit<Forward>): KeptRequest {
  const { method = 'GET', url = '/' } = request
  const headers: IncomingHttpHeaders = { ...request.headers, host: decision.authority }
  return { method, target: url, headers }
}
