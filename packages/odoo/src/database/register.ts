import {
  type Administration,
  type Connection,
  whileLocked,
  withConnection,
} from './administration.ts'
import { hardenServer, identifier } from './statements.ts'

/**
 * Rows of Pulse's own database about databases. `oid` tells a database whatever its name is, and no tenant can forge
 * it: a database that no row knows is not ours and is never touched. Passwords stand here only until they are
 * delivered into a Secret.
 */
const tables = `
CREATE SCHEMA IF NOT EXISTS odoo;
CREATE TABLE IF NOT EXISTS odoo.template (
  database text PRIMARY KEY,
  edition text NOT NULL,
  major text NOT NULL,
  role text NOT NULL,
  details jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (edition, major)
);
CREATE TABLE IF NOT EXISTS odoo.standby (
  id text PRIMARY KEY,
  oid oid NOT NULL UNIQUE,
  template text NOT NULL,
  hosting text NOT NULL,
  role text NOT NULL,
  shape jsonb NOT NULL,
  origin text NOT NULL,
  filestore text NOT NULL,
  admin_password text NOT NULL,
  role_password text,
  fill_ms integer NOT NULL,
  filled_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS odoo.claim (
  environment_uid text PRIMARY KEY,
  oid oid NOT NULL UNIQUE,
  database text NOT NULL,
  template text NOT NULL,
  hosting text NOT NULL,
  role text NOT NULL,
  shape jsonb NOT NULL,
  origin text NOT NULL,
  filestore text NOT NULL,
  admin_password text,
  role_password text,
  database_uuid text NOT NULL,
  signalling bigint NOT NULL,
  fill_ms integer NOT NULL,
  claimed_at timestamptz NOT NULL DEFAULT now(),
  published_at timestamptz,
  delivered_at timestamptz
);
CREATE INDEX IF NOT EXISTS claim_rate ON odoo.claim (template, hosting, claimed_at);
CREATE TABLE IF NOT EXISTS odoo.database_name (
  name text PRIMARY KEY,
  signalling bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS odoo.tombstone (
  environment_uid text PRIMARY KEY,
  environment text NOT NULL,
  oid oid NOT NULL UNIQUE,
  database text NOT NULL,
  hosting text NOT NULL,
  role text NOT NULL,
  filestore_volume text NOT NULL,
  buried_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS odoo.dropped (
  environment_uid text PRIMARY KEY,
  dropped_at timestamptz NOT NULL DEFAULT now()
);`

/** Makes a server fit for tenants: closed to PUBLIC, with the register in Pulse's own database. Safe to repeat. */
export async function prepareServer(
  administration: Administration,
  signal?: AbortSignal,
): Promise<void> {
  const { registerDatabase } = administration
  await withConnection(administration, { database: 'postgres', signal }, (connection) =>
    whileLocked(connection, 'prepare-server', async () => {
      const found = await connection.query('SELECT 1 FROM pg_database WHERE datname = $1', [
        registerDatabase,
      ])
      if (found.length === 0) {
        await connection.query(
          `CREATE DATABASE ${identifier(registerDatabase)} TEMPLATE template0 ENCODING 'UTF8'`,
        )
      }
      for (const statement of hardenServer(registerDatabase)) await connection.query(statement)
      await connection.query('REVOKE ALL ON SCHEMA public FROM PUBLIC')
      await withConnection(administration, { database: registerDatabase, signal }, createTables)
    }),
  )
}

async function createTables(connection: Connection): Promise<void> {
  await connection.query(`BEGIN; ${tables} COMMIT`)
}
