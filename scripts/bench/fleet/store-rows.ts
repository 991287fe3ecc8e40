import type { KubeObject } from '@pulse/api'
import type pg from 'pg'
import type { StoredObject } from './make-tenant.ts'

/** What an installation has before its first tenant; what only lives with a running Pulse is left out. */
export async function readBase(store: pg.Client): Promise<readonly KubeObject[]> {
  const { rows } = await store.query(
    `SELECT object FROM object
      WHERE kind NOT IN ('Event', 'Lease', 'Pod', 'ReplicaSet', 'Job', 'PLANAClient', 'TenantEnvironment')
        AND NOT (namespace LIKE 'instance-%' OR kind = 'Namespace' AND name LIKE 'instance-%')`,
  )
  return rows.map(({ object }) => object)
}

/** Writes objects as they stand, as many versions on; no watch hears of them: the store must not be open. */
export async function putIntoStore(store: pg.Client, stored: readonly StoredObject[]) {
  await store.query('BEGIN')
  const { rows } = await store.query(
    'UPDATE clock SET value = value + $1, forgotten = value + $1 RETURNING value',
    [stored.length],
  )
  const first = Number(rows[0]?.value) - stored.length
  const numbered = stored.map(({ object }, index) => ({
    ...object,
    metadata: { ...object.metadata, resourceVersion: String(first + index + 1) },
  }))
  await store.query(
    `INSERT INTO object (kind, api_version, namespace, name, version, labels, object)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::jsonb[], $7::json[])`,
    [
      numbered.map(({ kind }) => kind),
      numbered.map(({ apiVersion }) => apiVersion),
      numbered.map(({ metadata }) => metadata.namespace ?? ''),
      numbered.map(({ metadata }) => metadata.name),
      numbered.map(({ metadata }) => metadata.resourceVersion),
      numbered.map(({ metadata }) => JSON.stringify(metadata.labels ?? {})),
      numbered.map((object) => JSON.stringify(object)),
    ],
  )
  await store.query(
    'INSERT INTO unique_name (name, uid) SELECT * FROM unnest($1::text[], $2::text[])',
    [
      stored.flatMap(({ names }) => names),
      stored.flatMap(({ object, names }) => names.map(() => object.metadata.uid ?? '')),
    ],
  )
  await store.query('COMMIT')
}
