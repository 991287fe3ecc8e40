import type { KubeObject } from '@pulse/api'
import { adminConnection, socketFolder } from '@pulse/odoo'
import pg from 'pg'
import { openMachine } from '../../installation/machine.ts'
import { openStateDirectory } from '../../installation/state-directory.ts'

export interface DatabaseFacts {
  readonly facts: readonly string[]
  readonly objects: readonly KubeObject[]
}

/** Each answers lines; what is made ahead changes in number with its use, so that only its kinds are told. */
const lines: Readonly<Record<string, string>> = {
  database: `
    SELECT DISTINCT format('%s owner %s connects %s limit %s template %s acl %s comment %s',
      CASE WHEN d.datname LIKE 'standby\\_%' THEN 'standby' ELSE d.datname END,
      CASE WHEN r.rolname LIKE 'standby\\_%' THEN 'standby' ELSE r.rolname END,
      datallowconn, datconnlimit, datistemplate, datacl, shobj_description(d.oid, 'pg_database'))
    FROM pg_database d JOIN pg_roles r ON r.oid = datdba`,
  role: `
    SELECT DISTINCT format('%s login %s super %s createdb %s createrole %s config %s',
      CASE WHEN rolname LIKE 'standby\\_%' THEN 'standby' ELSE rolname END,
      rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolconfig)
    FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%'`,
  member: `
    SELECT DISTINCT format('%s of %s',
      CASE WHEN m.rolname LIKE 'standby\\_%' THEN 'standby' ELSE m.rolname END, r.rolname)
    FROM pg_auth_members JOIN pg_roles m ON m.oid = member JOIN pg_roles r ON r.oid = roleid
    WHERE r.rolname NOT LIKE 'pg\\_%'`,
  settings: `
    SELECT format('%s %s %s', datname, setrole::regrole, setconfig)
    FROM pg_db_role_setting LEFT JOIN pg_database d ON d.oid = setdatabase`,
  template: `
    SELECT format('%s %s %s %s stands as %s', t.database, edition, major, role, d.datname)
    FROM odoo.template t LEFT JOIN pg_database d ON d.oid::text = t.details->>'oid' OR d.datname = t.database`,
  standby: `
    SELECT DISTINCT format('of %s for %s, its database stands %s, its role %s', s.template, s.hosting,
      d.datname = 'standby_' || s.id,
      s.hosting = 'pool' OR EXISTS (SELECT FROM pg_roles WHERE rolname = s.role))
    FROM odoo.standby s LEFT JOIN pg_database d ON d.oid = s.oid`,
  'standby without a row': `
    SELECT datname FROM pg_database d
    WHERE datname LIKE 'standby\\_%' AND NOT EXISTS (SELECT FROM odoo.standby s WHERE s.oid = d.oid)`,
  'role without a standby': `
    SELECT rolname FROM pg_roles
    WHERE rolname LIKE 'standby\\_%' AND NOT EXISTS (SELECT FROM odoo.standby s WHERE s.role = rolname)`,
  claim: `
    SELECT format('%s of %s for %s, role %s, published %s, delivered %s, secrets %s, stands as %s',
      c.database, template, hosting, role, published_at IS NOT NULL, delivered_at IS NOT NULL,
      admin_password IS NOT NULL OR role_password IS NOT NULL, d.datname)
    FROM odoo.claim c LEFT JOIN pg_database d ON d.oid = c.oid`,
  tombstone: `
    SELECT format('%s of %s, %s, %s, stands as %s', environment, t.database, hosting, role, d.datname)
    FROM odoo.tombstone t LEFT JOIN pg_database d ON d.oid = t.oid`,
  'unique name': `
    SELECT format('%s of %s', u.name, (
      SELECT o.kind || ' ' || o.name FROM object o WHERE o.object->'metadata'->>'uid' = u.uid))
    FROM unique_name u`,
  'session of a task': `
    SELECT format('%s %s', datname, state) FROM pg_stat_activity WHERE application_name = 'pulse-task'`,
  'prepared transaction': 'SELECT gid FROM pg_prepared_xacts',
}

/** Made ahead, sooner or later: only what is half of one tells anything. */
const wholeStandby =
  /^(?:(?:database|role|member): standby |standby: .* its database stands t, its role t$)/

/** Given when a gateway first reads in a database: soon, or later. */
const readerMayConnect = /,"?pulse_reader=c\/[^,}]*/

const connectionLimit = { connectionTimeoutMillis: 2_000, query_timeout: 5_000 }

/** Read past Pulse, on a session of our own. */
export async function databaseFacts(stateDir: string): Promise<DatabaseFacts> {
  return await asAdministrator(stateDir, async (client) => {
    const facts: string[] = []
    for (const [about, text] of Object.entries(lines)) {
      const { rows } = await client.query<[string]>({ text, rowMode: 'array' })
      facts.push(...rows.map(([line]) => `${about}: ${line.replace(readerMayConnect, '')}`))
    }
    const { rows } = await client.query<{ object: KubeObject }>('SELECT object FROM object')
    return {
      facts: facts.filter((line) => !wholeStandby.test(line)),
      objects: rows.map(({ object }) => object),
    }
  })
}

/** The uid of the environment `prod` of a deleted client, as long as anything of it is kept. */
export async function tombstoneOf(stateDir: string, client: string): Promise<string | undefined> {
  return await asAdministrator(stateDir, async (session) => {
    const { rows } = await session.query<{ uid: string }>(
      'SELECT environment_uid AS uid FROM odoo.tombstone WHERE environment = $1',
      [`${client}-prod`],
    )
    return rows[0]?.uid
  })
}

async function asAdministrator<T>(
  stateDir: string,
  work: (session: pg.Client) => Promise<T>,
): Promise<T> {
  const { record, postgresAddress } = await openMachine(await openStateDirectory(stateDir))
  const own = {
    run: socketFolder(stateDir),
    listenAddress: postgresAddress,
    port: record.postgresPort,
  }
  const { admin } = adminConnection(own)
  const client = new pg.Client({ ...admin, ...connectionLimit, database: 'pulse' })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}
