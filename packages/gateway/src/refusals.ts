/** What never reaches a tenant's Odoo, whatever its host (design, section 4; field notes on Odoo's doors). */
export interface Refusal {
  readonly rule: string
  readonly reason: string
}

const refusals: readonly {
  readonly pattern: RegExp
  readonly rule: string
  readonly reason: string
}[] = [
  {
    pattern: /^\/web\/database(\/|$)/,
    rule: 'database-manager',
    reason:
      'The database manager is not served: databases are made, copied and deleted through Pulse.',
  },
  {
    pattern: /^\/xmlrpc\/(2\/)?db$/,
    rule: 'database-service',
    reason: 'The XML-RPC database service is not served: databases are managed through Pulse.',
  },
  {
    pattern: /^\/jsonrpc$/,
    rule: 'json-rpc',
    reason:
      'JSON-RPC from outside is not served: use XML-RPC at /xmlrpc/2/common and /xmlrpc/2/object.',
  },
  {
    pattern: /^\/xmlrpc(?!\/(2\/)?(common|object)$)(\/|$)/,
    rule: 'xml-rpc-service',
    reason: 'Only the XML-RPC services common and object are served.',
  },
]

/** A first segment such as `/bg` or `/en_US`: Odoo's website module strips it before it routes. */
const languagePrefix = /^\/[a-z]{2,3}(?:[-_][A-Za-z0-9@_-]{2,12})?(?=\/)/

/** The rule that refuses this normalised path, if one does. */
export function refusalOf(path: string): Refusal | undefined {
  const bare = path.replace(languagePrefix, '')
  return refusals.find(({ pattern }) => pattern.test(path) || pattern.test(bare))
}

/** Whether the call names its database in its body, so that the body must be looked at. */
export function namesDatabaseInBody(path: string): boolean {
  return /^\/xmlrpc\/(2\/)?(common|object)$/.test(path.replace(languagePrefix, ''))
}
