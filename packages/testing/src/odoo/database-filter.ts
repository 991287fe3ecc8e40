/** The parts of a server's options that decide which databases a Host may reach. */
export interface FilterOptions {
  readonly dbFilter: string
  readonly databases: readonly string[]
}

/**
 * The databases that this Host may see. `%h` is the host and `%d` its first label, both taken
 * literally; a port and one leading `www.` are cut off first. The filter anchors at the start only,
 * as Odoo's does: `^%h` alone would also match longer names.
 */
export function filterDatabases(
  names: readonly string[],
  host: string,
  options: FilterOptions,
): string[] {
  if (options.dbFilter) {
    const pattern = hostPattern(options.dbFilter, host)
    return names.filter((name) => pattern.test(name))
  }
  if (options.databases.length > 0) return names.filter((name) => options.databases.includes(name))
  return [...names]
}

/** What dbfilter sees of a Host header. */
function hostOf(header: string): string {
  const [host = ''] = header.split(':', 1)
  return host.startsWith('www.') ? host.slice('www.'.length) : host
}

/**
 * The Host that counts. Behind a proxy the forwarded one does, but only where `X-Forwarded-Host` is
 * present; of several values the last was added by the nearest proxy.
 */
export function effectiveHost(
  headers: { readonly host?: string; readonly 'x-forwarded-host'?: string | string[] },
  proxyMode: boolean,
): string {
  const forwarded = String(headers['x-forwarded-host'] ?? '')
  if (!proxyMode || !forwarded) return headers.host ?? ''
  return forwarded.split(',').at(-1)?.trim() ?? ''
}

function hostPattern(filter: string, header: string): RegExp {
  const host = hostOf(header)
  const [domain = ''] = host.split('.', 1)
  const source = filter
    .replaceAll('%h', () => escapePattern(host))
    .replaceAll('%d', () => escapePattern(domain))
  return new RegExp(`^(?:${source})`)
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
