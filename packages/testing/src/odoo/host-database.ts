import { filterDatabases } from './database-filter.ts'
import type { Exchange } from './exchange.ts'
import { logOut } from './login.ts'
import { RegistryError } from './registries.ts'
import type { Session } from './sessions.ts'
import type { Site } from './site.ts'

/** A session keeps its database while the filter allows it; otherwise the host must point at exactly one. */
export async function findDatabase(
  site: Site,
  exchange: Exchange,
): Promise<{ session: Session; database: string | undefined }> {
  const session = await site.sessions.load(exchange.cookies.get('session_id'))
  const { db } = session.content
  const allows = (name: string) => filterDatabases([name], exchange.host, site.options).length > 0
  const asked = exchange.query.get('db')
  if (asked && allows(asked)) {
    session.content.db = asked
    session.dirty = true
    return { session, database: asked }
  }
  if (db !== undefined && allows(db)) return { session, database: db }

  const header = site.major.databaseHeader ? exchange.headers['x-odoo-database'] : undefined
  if (typeof header === 'string') return { session, database: allows(header) ? header : undefined }

  const names = await listDatabases(site).catch((cause: unknown) => noDatabases(site, cause))
  const [only, ...others] = filterDatabases(names, exchange.host, site.options)
  const database = others.length === 0 ? only : undefined
  if (db !== undefined) {
    site.log.warning(
      'odoo.http',
      `Logged into database '${db}', but dbfilter rejects it; logging session out.`,
    )
    logOut(session)
  }
  session.content = { ...session.content }
  if (database === undefined) delete session.content.db
  if (database !== undefined) session.content.db = database
  return { session, database }
}

/** Odoo takes a list that it could not get for an empty one; behind `plana_gateway` whoever asks comes again. */
function noDatabases({ options }: Site, cause: unknown): string[] {
  if (!options.identity) return []
  throw new RegistryError('Cannot list databases', { cause })
}

/** Without a filter, `--database` is the list; otherwise the server is asked what the role owns. */
export async function listDatabases(site: Site): Promise<string[]> {
  const { dbFilter, databases } = site.options
  if (!dbFilter && databases.length > 0) return [...databases].sort()
  return site.databases.owned()
}
