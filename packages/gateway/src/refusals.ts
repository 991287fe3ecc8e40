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

/**
 * Odoo's website module strips a first segment that names a language before it routes (`/bg`, `/sr@latin`), and a
 * tenant may call a language as it likes: so whatever stands first is stripped here.
 */
const firstSegment = /^\/[^/]+(?=\/)/

/** By such addresses Pulse speaks to the servers themselves (`odoo/addons/plana_gateway`): they seal, and run schedules. */
const control: Refusal = {
  problem: 'control-path',
  detail: 'Addresses that begin with /plana/ are not served.',
}

/** The rule that refuses this normalised path, if one does. */
export function refusalOf(path: string): Refusal | undefined {
  if (path.startsWith('/plana/')) return control
  const bare = path.replace(firstSegment, '')
  const found = refusals.find(({ pattern }) => pattern.test(path) || pattern.test(bare))
  return found && { problem: found.problem, detail: found.detail }
}

/** Whether the call names its database in its body, so that the body must be looked at. */
export function namesDatabaseInBody(path: string): boolean {
  return [path, path.replace(firstSegment, '')].some((one) => databaseCall.test(one))
}

const databaseCall = /^\/xmlrpc\/(2\/)?(common|object)$/
