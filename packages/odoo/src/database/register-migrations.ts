export interface Migration {
  readonly version: number
  readonly sql: string
  /** Undoes it, so that the release before can work on the same rows; only the first has none. */
  readonly back?: string
}

/**
 * The register's tables, in order. A migration that was released is never edited: a change is one more at the end.
 *
 * Rows of Pulse's own database about databases. `oid` tells a database whatever its name is, and no tenant can forge
 * it: a database that no row knows is not ours and is never touched. Passwords stand here only until they are
 * delivered into a Secret.
 */
export const registerMigrations: readonly Migration[] = [
  {
    version: 1,
    // Installations from before there were versions have these tables already.
    sql: `
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
    `,
  },
  {
    version: 2,
    // Some of those have this one as well.
    sql: `
      CREATE TABLE IF NOT EXISTS odoo.dropped (
        environment_uid text PRIMARY KEY,
        dropped_at timestamptz NOT NULL DEFAULT now()
      );
    `,
    // A claim that comes after the deletion of its environment makes a database that nobody owns: it is told by a row.
    back: 'DROP TABLE odoo.dropped',
  },
  {
    version: 3,
    // The login that read schedules reads buses too, and has another name; what it may read in each database stays.
    sql: `
      DO $$ BEGIN
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pulse_calendar') THEN
          ALTER ROLE pulse_calendar NOLOGIN PASSWORD NULL;
          IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pulse_reader') THEN
            ALTER ROLE pulse_calendar RENAME TO pulse_reader;
          END IF;
        END IF;
      END $$;
    `,
    back: `
      DO $$ BEGIN
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pulse_reader') THEN
          ALTER ROLE pulse_reader NOLOGIN PASSWORD NULL;
          IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pulse_calendar') THEN
            ALTER ROLE pulse_reader RENAME TO pulse_calendar;
          END IF;
        END IF;
      END $$;
    `,
  },
]
