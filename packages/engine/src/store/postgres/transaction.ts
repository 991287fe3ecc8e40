import { type KubeObject, keyOf, type ObjectRef } from '@pulse/api'
import pg from 'pg'
import type { Transaction } from '../backend.ts'
import type { Connection, Row } from './connection.ts'
import { readPage } from './page.ts'
import { numberFrom, type Rows } from './rows.ts'

/** Told at every commit; the payload is not read, the log is. */
export const changeChannel = 'pulse_objects'

export interface LogLimits {
  readonly keptChanges: number
  readonly keptSeconds: number
}

export interface TransactionOptions {
  readonly keep: boolean
  readonly first?: ObjectRef
  readonly limits: LogLimits
  readonly rows: Rows
}

/**
 * Takes the lock of all writes, does the work and commits. The lock comes before any read, in a statement of its own:
 * only so the reads see what the writer before has committed. What is read first comes along, in one round trip.
 */
export async function transactOn<T>(
  session: Connection,
  work: (transaction: Transaction) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const { keep, first, limits } = options
  const { rows } = await session.query(beginText(first))
  const before = numberFrom(rows[0]?.value)
  const writes = { version: before }
  const transaction = transactionOn(session, options.rows, writes)
  const begun = first
    ? { ...transaction, read: readAfter(first, { row: rows[0], rows: options.rows }, transaction) }
    : transaction
  const result = await work(begun).catch(async (error) => {
    // With a session that is lost nothing is left to take back.
    await session.query('ROLLBACK').catch(() => undefined)
    throw error
  })
  if (!keep || writes.version === before) {
    await session.query('ROLLBACK')
    return result
  }
  const stride = Math.min(100, limits.keptChanges)
  if (Math.floor(writes.version / stride) > Math.floor(before / stride)) {
    await trimLog(session, writes.version, limits)
  }
  await session.query(`NOTIFY ${changeChannel}; COMMIT`)
  return result
}

/** Each statement of a text sees what is committed when it begins. */
function beginText(first: ObjectRef | undefined): string {
  const begin = 'BEGIN; SELECT value FROM clock FOR UPDATE'
  if (first === undefined) return begin
  const { kind, apiVersion, namespace = '', name } = first
  const [a, b, c, d] = [kind, apiVersion, namespace, name].map((text) => pg.escapeLiteral(text))
  return `${begin}; SELECT clock.value, object.object FROM clock LEFT JOIN object
    ON kind = ${a} AND api_version = ${b} AND namespace = ${c} AND name = ${d}`
}

/** The first read of all, if it is of that object, is answered by what has come along. */
function readAfter(
  first: ObjectRef,
  { row, rows }: { readonly row: Row | undefined; readonly rows: Rows },
  { read }: Transaction,
): Transaction['read'] {
  let isFirst = true
  return async (ref) => {
    const isAnswered = isFirst && keyOf(ref) === keyOf(first)
    isFirst = false
    if (!isAnswered) return read(ref)
    return row === undefined || row.object === null ? undefined : rows.object(row.object, ref)
  }
}

async function readObject(
  connection: Connection,
  rowReader: Rows,
  ref: ObjectRef,
): Promise<KubeObject | undefined> {
  const { kind, apiVersion, namespace = '', name } = ref
  const { rows } = await connection.query({
    name: 'pulse-read',
    text: `SELECT object FROM object
            WHERE kind = $1 AND api_version = $2 AND namespace = $3 AND name = $4`,
    values: [kind, apiVersion, namespace, name],
  })
  return rows[0] && rowReader.object(rows[0].object, ref)
}

function transactionOn(
  session: Connection,
  rowReader: Rows,
  writes: { version: number },
): Transaction {
  return {
    read: (ref) => readObject(session, rowReader, ref),
    find: async (query) => (await readPage(session, rowReader, query)).items,

    async takenNames(uid, names) {
      if (names.length === 0) return []
      const { rows } = await session.query(
        'SELECT name FROM unique_name WHERE name = ANY($1) AND uid <> $2',
        [names, uid],
      )
      return rows.map(({ name }) => String(name))
    },

    async put({ object, names }) {
      const stored = withVersion(object, ++writes.version)
      await session.query({
        name: 'pulse-put',
        text: putStatement,
        values: [
          ...keyValues(object),
          writes.version,
          JSON.stringify(object.metadata.labels ?? {}),
          JSON.stringify(stored),
        ],
      })
      if (names !== undefined) await holdNames(session, object.metadata.uid ?? '', names)
      return stored
    },

    async remove(object) {
      writes.version++
      await session.query({
        name: 'pulse-remove',
        text: removeStatement,
        values: [...keyValues(object), writes.version, object.metadata.uid],
      })
      return withVersion(object, writes.version)
    },
  }
}

/** All parts see the state before the statement: so the log takes the previous object from the table itself. */
const putStatement = `
  WITH tick AS (UPDATE clock SET value = $5),
  logged AS (
    INSERT INTO change (kind, api_version, namespace, name, version, object, previous)
    VALUES ($1, $2, $3, $4, $5, $7, (
      SELECT object FROM object
       WHERE kind = $1 AND api_version = $2 AND namespace = $3 AND name = $4))
  )
  INSERT INTO object (kind, api_version, namespace, name, version, labels, object)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (kind, api_version, namespace, name)
  DO UPDATE SET version = excluded.version, labels = excluded.labels, object = excluded.object`

const removeStatement = `
  WITH tick AS (UPDATE clock SET value = $5),
  gone AS (
    DELETE FROM object WHERE kind = $1 AND api_version = $2 AND namespace = $3 AND name = $4
    RETURNING object
  ),
  freed AS (DELETE FROM unique_name WHERE uid = $6)
  INSERT INTO change (kind, api_version, namespace, name, version, previous)
  SELECT $1, $2, $3, $4, $5, object FROM gone`

async function holdNames(session: Connection, uid: string, names: readonly string[]) {
  await session.query('DELETE FROM unique_name WHERE uid = $1 AND NOT name = ANY($2)', [uid, names])
  if (names.length === 0) return
  await session.query(
    `INSERT INTO unique_name (name, uid) SELECT DISTINCT unnest($2::text[]), $1
     ON CONFLICT (name) DO UPDATE SET uid = excluded.uid WHERE unique_name.uid = excluded.uid`,
    [uid, names],
  )
}

/** By count, so that it is bounded; by age, so that what a deleted Secret held does not stay on. */
async function trimLog(session: Connection, version: number, limits: LogLimits): Promise<void> {
  await session.query(
    `WITH gone AS (
       DELETE FROM change
        WHERE version <= $1 OR written_at < now() - make_interval(secs => $2)
       RETURNING version
     )
     UPDATE clock SET forgotten = greatest(forgotten, (SELECT max(version) FROM gone))`,
    [version - limits.keptChanges, limits.keptSeconds],
  )
}

function keyValues({ kind, apiVersion, metadata }: KubeObject): unknown[] {
  return [kind, apiVersion, metadata.namespace ?? '', metadata.name]
}

function withVersion(object: KubeObject, version: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
}
