import { type Answer, absence, badRequest, frontDoor, hostNotFound } from './answers.ts'
import { parseHost } from './host.ts'
import { normalisePath } from './path.ts'
import { namesDatabaseInBody, refusalOf } from './refusals.ts'
import { isRequestTarget } from './request-target.ts'
import type { Route, RouteSource } from './route-source.ts'

/** What decides on a request, before anything else of it is read. */
export interface RequestLine {
  readonly method: string
  readonly target: string
  readonly host: string | undefined
}

/** What becomes of a request: the gateway's own answer, another address, or the tenant's Odoo. */
export type Decision =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly route?: Route }
  | { readonly kind: 'redirect'; readonly location: string; readonly route: Route }
  | Forward

/** It is the tenant's Odoo that answers. */
export interface Forward {
  readonly kind: 'forward'
  readonly route: Route
  /** As Odoo's router will see it. */
  readonly path: string
  /** Canonical host with the client's port. */
  readonly authority: string
  /** The body names a database, which must be the host's. */
  readonly scanBody: boolean
  /** The database that a header chooses; only where Odoo lets a header choose. */
  readonly database?: string
  /** Where a WebSocket may be opened. */
  readonly websocket: boolean
  /** Answered where Odoo keeps connections open: on its port for those, when it has one. */
  readonly evented: boolean
}

/** What becomes of a request, from its first line and host alone; which backend gets it is the life's. */
export function decide(
  { method, target, host: hostHeader }: RequestLine,
  routes: RouteSource,
): Decision {
  // Node's parser has refused it already; but it goes on to a worker as it stands, so it is not left to one place.
  const path = isRequestTarget(target) ? normalisePath(target) : undefined
  const host = parseHost(hostHeader)
  if (path === undefined || host === undefined) return { kind: 'answer', answer: badRequest }

  const route = routes.find(host.name)
  if (route === undefined) {
    return { kind: 'answer', answer: isThisMachine(host.name) ? frontDoor : hostNotFound }
  }

  const refusal = refusalOf(path)
  if (refusal) return { kind: 'answer', answer: { page: 'refused', ...refusal }, route }

  const authority = `${route.hostname}${host.port}`
  if (host.name !== route.hostname && (method === 'GET' || method === 'HEAD')) {
    return { kind: 'redirect', location: `//${authority}${target}`, route }
  }

  if (route.state.phase !== 'serving') return { kind: 'answer', answer: absence(route), route }
  return {
    kind: 'forward',
    route,
    path,
    authority,
    scanBody: method === 'POST' && namesDatabaseInBody(path),
    websocket: path === '/websocket',
    evented: /^\/(websocket(\/|$)|longpolling\/)/.test(path),
    ...(/^\/json\/2(\/|$)/.test(path) && { database: route.hostname }),
  }
}

function isThisMachine(name: string): boolean {
  return name === 'localhost' || /^127(\.\d+){3}$/.test(name)
}
