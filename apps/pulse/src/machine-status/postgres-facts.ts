import { type Administration, withConnection } from '@pulse/odoo'
import type { MachineStatus } from './schema.ts'

/** What one look at PostgreSQL tells; no file of a tenant's database is touched, however many there are. */
export async function readPostgresFacts(
  administration: Administration,
  signal: AbortSignal,
): Promise<Pick<MachineStatus, 'postgres' | 'tombstones'>> {
  const register = { database: administration.registerDatabase, signal }
  const [row = {}] = await withConnection(administration, register, (connection) =>
    connection.query(`
      SELECT current_setting('server_version') AS version,
             (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
             current_setting('max_connections')::int AS most,
             (SELECT count(*)::int FROM pg_database WHERE NOT datistemplate) AS databases,
             pg_database_size(current_database())::float8 AS bytes,
             (SELECT count(*)::int FROM odoo.tombstone) AS tombstones`),
  )
  return {
    postgres: {
      // Debian adds its own after a space.
      serverVersion: String(row.version).split(' ', 1)[0] ?? '',
      connections: Number(row.connections),
      maxConnections: Number(row.most),
      databases: Number(row.databases),
      storeBytes: Number(row.bytes),
    },
    tombstones: Number(row.tombstones),
  }
}
