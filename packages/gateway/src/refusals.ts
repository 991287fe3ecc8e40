import type { ProblemSlug } from '@pulse/api'

/** What never reaches a tenant's Odoo, whatever its host (design, section 4; field notes on Odoo's doors). */
export interface Refusal {
  readonly problem: ProblemSlug
  readonly detail: string
}

const refusals: readonly (Refusal & { readonly pattern: RegExp })[] = [
  {
    pattern: /^\/web\/database(\/|$)/,
    problem: 'database-manager',
    detail:
      'The database manager is not served: databases are made, copied and deleted through Pulse.',
  },
  {
    pattern: /^\/xmlrpc\/(2\/)?db$/,
    problem: 'database-service',
    detail: 'The XML-RPC database service is not served: databases are managed through Pulse.',
  },
  {
    pattern: /^\/jsonrpc$/,
    problem: 'json-rpc',
    detail:
      'JSON-RPC from outside is not served: use XML-RPC at /xmlrpc/2/common and /xmlrpc/2/object.',
  },
  {
    pattern: /^\/xmlrpc(?!\/(2\/)?(common|object)$)(\/|$)/,
    problem: 'xml-rpc-service',
    detail: 'Only the XML-RPC services common and object are served.',
  },
]

/** A first segment such as `/bg` or `/en_US`: Odoo's website module strips it before it routes. */
const languagePrefix = /^\/[a-z]{2,3}(?:[-_][A-Za-z0-9@_-]{2,12})?(?=\/)/

/** The rule that refuses this normalised path, if one does. */
export function refusalOf(path: string): Refusal | undefined {
  const bare = path.replace(languagePrefix, '')
  const found = refusals.find(({ pattern }) => pattern.test(path) || pattern.test(bare))
  return found && { problem: found.problem, detail: found.detail }
}

/** Whether the call names its database in its body, so that the body must be looked at. */
export function namesDatabaseInBody(path: string): boolean {
  return /^\/xmlrpc\/(2\/)?(common|object)$/.test(path.replace(languagePrefix, ''))
}
