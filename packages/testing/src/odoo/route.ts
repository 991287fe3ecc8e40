import type { Answer } from './answer.ts'
import type { Exchange } from './exchange.ts'
import type { Registries, Registry } from './registries.ts'
import type { Session } from './sessions.ts'
import type { Site } from './site.ts'

/** One request on its way through a route. */
export interface Visit {
  readonly site: Site
  readonly registries: Registries
  readonly exchange: Exchange
  readonly session: Session
  /** The database of this host; routes without one answer for the server as a whole. */
  readonly registry: Registry | undefined
  readonly parameters: Readonly<Record<string, string>>
}

export interface Route {
  /** `:name` matches one segment, a final `*` the rest. */
  readonly path: string
  readonly methods?: readonly string[]
  /** `user` needs a login; `database` a database; `none` neither. */
  readonly auth: 'none' | 'database' | 'user'
  readonly answer: (visit: Visit) => Promise<Answer> | Answer
}

export interface Match {
  readonly route: Route
  readonly parameters: Record<string, string>
}

export function matchRoute(routes: readonly Route[], path: string): Match | undefined {
  for (const route of routes) {
    const parameters = matchPath(route.path, path)
    if (parameters) return { route, parameters }
  }
  return undefined
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/')
  const given = path.split('/')
  const open = wanted.at(-1) === '*'
  if (open ? given.length < wanted.length : given.length !== wanted.length) return undefined

  const parameters: Record<string, string> = {}
  for (const [index, segment] of wanted.entries()) {
    if (segment === '*') {
      parameters.rest = given.slice(index).join('/')
      return parameters
    }
    const value = given[index] ?? ''
    if (segment.startsWith(':')) parameters[segment.slice(1)] = value
    if (!segment.startsWith(':') && segment !== value) return undefined
  }
  return parameters
}
