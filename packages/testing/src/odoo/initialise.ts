import { DatabaseError } from 'pg'
import { type Databases, quoteName } from './databases.ts'
import { installBase } from './install-base.ts'
import type { Registries } from './registries.ts'
import { signal } from './signals.ts'
import type { Site } from './site.ts'

/** What `--database` asks for at start: create what is missing, install or update modules, load the registry. */
export async function initialise(site: Site, registries: Registries): Promise<number> {
  for (const database of site.options.databases) {
    const log = site.log.of(database)
    try {
      const created = await createIfMissing(
        site.databases,
        database,
        site.options.connection.template,
      )
      if (created || site.options.install.includes('base')) await installBase(site, database)
      await changeModules(site, database)
      await registries.open(database)
    } catch (error) {
      log.critical('odoo.service.server', `Failed to initialize database \`${database}\`.`, error)
      return 255
    }
  }
  return 0
}

/** Odoo creates a database it does not find; a role that may not create goes on and fails at loading. */
async function createIfMissing(
  databases: Databases,
  database: string,
  template: string,
): Promise<boolean> {
  const query = databases.of('postgres')
  const [known] = await query('SELECT FROM pg_database WHERE datname = $1', [database])
  if (known) return false
  try {
    await query(
      `CREATE DATABASE ${quoteName(database)} ENCODING 'unicode' TEMPLATE ${quoteName(template)}`,
    )
    return true
  } catch (error) {
    if (error instanceof DatabaseError && error.code === insufficientPrivilege) return false
    throw error
  }
}

const insufficientPrivilege = '42501'

/** Installing and updating cost CPU, move the version and tell every process to load afresh. */
async function changeModules(site: Site, database: string): Promise<void> {
  const { install, update } = site.options
  const named = [...install, ...update]
  if (named.length === 0) return
  const query = site.databases.of(database)
  const log = site.log.of(database)

  const rows = await query(
    `SELECT name, state FROM ir_module_module WHERE name = ANY($1) OR ($2 AND state = 'installed')`,
    [named, named.includes('all') || update.includes('base')],
  )
  const known = rows.map(({ name }) => String(name))
  const invalid = named.filter((name) => name !== 'all' && !known.includes(name))
  if (invalid.length > 0) {
    log.warning('odoo.modules.loading', `invalid module names, ignored: ${invalid.join(', ')}`)
  }
  for (const { name, state } of rows) {
    if (state !== 'installed' && !install.includes(String(name))) continue
    await site.burn.for(moduleMs)
    log.info('odoo.modules.loading', `Module ${name} loaded`)
  }
  await query(
    `UPDATE ir_module_module SET state = 'installed', write_date = now() AT TIME ZONE 'UTC',
            latest_version = COALESCE(NULLIF(latest_version, ''), $3)
     WHERE name = ANY($1) AND (state = 'installed' OR name = ANY($2))`,
    [known, install, `${site.major.version}.1.0`],
  )
  await signal(query, site.major)
}

/** A fifth of a second each: about what `-u all` of seventy modules takes. */
const moduleMs = 200
