import type { Answer } from './answer.ts'
import { parseHost } from './host.ts'
import { normalisePath } from './path.ts'
import { namesDatabaseInBody, refusalOf } from './refusals.ts'
import type { Backend, Route, RouteSource } from './route-source.ts'

export interface RequestLine {
  readonly method: string
  readonly target: string
  readonly host: string | undefined
}

export type Decision =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly route?: Route }
  | { readonly kind: 'redirect'; readonly location: string; readonly route: Route }
  | Forward

export interface Forward {
  readonly kind: 'forward'
  readonly route: Route
  readonly backend: Backend
  /** Canonical host with the client's port. */
  readonly authority: string
  /** The body names a database, which must be the host's. */
  readonly scanBody: boolean
  /** The database that a header chooses; only where Odoo lets a header choose. */
  readonly database?: string
  readonly websocket: boolean
}

/** What becomes of a request, from its first line and host alone. Pure: `pick` chooses among ready backends. */
export function decide(
  { method, target, host: hostHeader }: RequestLine,
  routes: RouteSource,
  pick: (route: Route) => Backend | undefined,
): Decision {
  const path = normalisePath(target)
  const host = parseHost(hostHeader)
  if (path === undefined || host === undefined) return { kind: 'answer', answer: badRequest }

  const route = routes.find(host.name)
  if (route === undefined) return { kind: 'answer', answer: notFound }

  const refusal = refusalOf(path)
  if (refusal) {
    return {
      kind: 'answer',
      answer: { ...refused, code: refusal.rule, detail: refusal.reason },
      route,
    }
  }

  const authority = `${route.hostname}${host.port}`
  if (host.name !== route.hostname && (method === 'GET' || method === 'HEAD')) {
    return { kind: 'redirect', location: `//${authority}${target}`, route }
  }

  const backend = route.state.phase === 'serving' ? pick(route) : undefined
  if (backend === undefined) return { kind: 'answer', answer: absence(route), route }
  return {
    kind: 'forward',
    route,
    backend,
    authority,
    scanBody: method === 'POST' && namesDatabaseInBody(path),
    websocket: path === '/websocket' || path.startsWith('/longpolling/'),
    ...(/^\/json\/2(\/|$)/.test(path) && { database: route.hostname }),
  }
}

const notFound: Answer = {
  status: 404,
  page: 'not-found',
  code: 'host-not-found',
  detail: 'No environment is served at this host.',
}

const badRequest: Answer = {
  status: 400,
  page: 'bad-request',
  code: 'bad-request',
  detail: 'The request target or the Host header is not valid.',
}

const refused = { status: 403, page: 'refused' } as const

/** Why a known host is not served at the moment. */
function absence({ state, displayName }: Route): Answer {
  switch (state.phase) {
    case 'creating':
      return {
        status: 503,
        page: 'creating',
        code: 'environment-creating',
        detail: state.message,
        displayName,
        retryAfterSeconds: 2,
      }
    case 'failed':
      return {
        status: 503,
        page: 'failed',
        code: 'environment-failed',
        detail: 'The environment could not be started.',
        displayName,
        retryAfterSeconds: 30,
      }
    case 'suspended':
      return {
        status: 402,
        page: 'suspended',
        code: 'environment-suspended',
        detail: 'The environment is suspended.',
        displayName,
      }
    case 'disabled':
      return {
        status: 410,
        page: 'disabled',
        code: 'environment-disabled',
        detail: 'The environment is switched off.',
        displayName,
      }
    case 'serving':
      return {
        status: 503,
        page: 'unavailable',
        code: 'environment-unavailable',
        detail: 'No worker of this environment is ready.',
        displayName,
        retryAfterSeconds: 5,
      }
  }
}
