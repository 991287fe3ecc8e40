import { stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Connection } from './administration.ts'

const megabyte = 1024 * 1024
/** What all others on the disk may write meanwhile: some segments of PostgreSQL's log. */
const reserveBytes = 64 * megabyte

/**
 * Refuses a clone that cannot fit, before PostgreSQL begins it: after one that runs out of room it leaves files behind
 * that belong to no database (seen in 15), and a log that runs out of room stops the whole server. The pages of a clone
 * are written twice: to its own files and, up to `max_wal_size`, to the log. Of a server that is not reached by its
 * socket the disk is another machine's, and nothing is checked.
 */
export async function mustHaveRoom(connection: Connection, template: string): Promise<void> {
  const [row] = await connection.query(query, [template])
  if (row?.local !== true) return
  const size = Number(row.size)
  const log = Math.min(size, Number(row.max_log))
  const wanted = [
    { folder: String(row.location || row.data), bytes: size },
    { folder: join(String(row.data), 'pg_wal'), bytes: log + reserveBytes },
  ]
  const disks = await Promise.all(wanted.map(diskOf)).catch(() => [])
  for (const { device, free } of disks) {
    const needed = disks
      .filter((disk) => disk.device === device)
      .reduce((sum, { bytes }) => sum + bytes, 0)
    if (needed <= free) continue
    throw new Error(
      `no space left: template ${template} needs ${inMegabytes(needed)} MB, ${inMegabytes(free)} MB are free: make room on the disk of PostgreSQL's data`,
    )
  }
}

/** Its file system, as far as this user may look. */
async function diskOf({ folder, bytes }: { readonly folder: string; readonly bytes: number }) {
  const [{ dev }, { bavail, bsize }] = await Promise.all([stat(folder), statfs(folder)])
  return { device: dev, free: bavail * bsize, bytes }
}

function inMegabytes(bytes: number): number {
  return Math.ceil(bytes / megabyte)
}

/** Without a network address the connection came by the socket. Whoever is no superuser may not know the folder. */
const query = `
SELECT inet_server_addr() IS NULL AND pg_has_role('pg_read_all_settings', 'USAGE') AS local,
  CASE WHEN pg_has_role('pg_read_all_settings', 'USAGE') THEN current_setting('data_directory') END AS data,
  pg_size_bytes(current_setting('max_wal_size'))::text AS max_log,
  pg_tablespace_location(dattablespace) AS location,
  pg_database_size(oid)::text AS size
FROM pg_database WHERE datname = $1`
