export interface Migration {
  readonly version: number
  readonly sql: string
  /** Undoes it, so that the release before can work on the same rows; only the first has none. */
  readonly back?: string
}

/**
 * The store's own tables, in order. A migration that was released is never edited: a change is one more at the end,
 * with its way back. The release before must be able to go on beside it for as long as a rolling upgrade takes.
 * Objects are `json`, not `jsonb`: read and written whole, they keep the order of their keys. Names sort by bytes
 * (`COLLATE "C"`), as the memory store sorts them.
 */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
      -- One row. Its lock puts all writes in one order; its value is the resourceVersion of the last of them.
      CREATE TABLE clock (
        id boolean PRIMARY KEY DEFAULT true CHECK (id),
        value bigint NOT NULL,
        -- Changes up to this version are no longer in the log.
        forgotten bigint NOT NULL
      ) WITH (fillfactor = 10);
      INSERT INTO clock (value, forgotten) VALUES (0, 0);

      CREATE TABLE object (
        kind text COLLATE "C" NOT NULL,
        api_version text COLLATE "C" NOT NULL,
        namespace text COLLATE "C" NOT NULL,
        name text COLLATE "C" NOT NULL,
        version bigint NOT NULL,
        labels jsonb NOT NULL,
        object json NOT NULL,
        PRIMARY KEY (kind, api_version, namespace, name)
      );
      CREATE INDEX object_labels ON object USING gin (labels jsonb_path_ops);

      -- What watches and later pages of a list look back on.
      CREATE TABLE change (
        version bigint PRIMARY KEY,
        written_at timestamptz NOT NULL DEFAULT now(),
        kind text COLLATE "C" NOT NULL,
        api_version text COLLATE "C" NOT NULL,
        namespace text COLLATE "C" NOT NULL,
        name text COLLATE "C" NOT NULL,
        object json,
        previous json
      );
      CREATE INDEX change_kind ON change (kind, version);
      CREATE INDEX change_written_at ON change (written_at);

      -- Names that may exist once in the whole installation, whatever kind holds them.
      CREATE TABLE unique_name (
        name text COLLATE "C" PRIMARY KEY,
        uid text NOT NULL
      );
      CREATE INDEX unique_name_uid ON unique_name (uid);
    `,
  },
  {
    version: 2,
    // Told by the object itself, so that rows are right whichever release has written them.
    sql: `
      CREATE FUNCTION owner_uids(object json) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN ARRAY(
          SELECT owner ->> 'uid'
            FROM json_array_elements(coalesce(object #> '{metadata,ownerReferences}', '[]')) AS owner);
      -- Who owns whom, for all kinds at once, and what is on its way out.
      ALTER TABLE object
        ADD uid text GENERATED ALWAYS AS (object #>> '{metadata,uid}') STORED,
        ADD owners text[] GENERATED ALWAYS AS (owner_uids(object)) STORED,
        ADD deleting boolean
          GENERATED ALWAYS AS (object #>> '{metadata,deletionTimestamp}' IS NOT NULL) STORED;
      CREATE INDEX object_uid ON object (uid);
      CREATE INDEX object_owners ON object USING gin (owners) WITH (fastupdate = off);
    `,
    back: `
      ALTER TABLE object DROP uid, DROP owners, DROP deleting;
      DROP FUNCTION owner_uids;
    `,
  },
]
