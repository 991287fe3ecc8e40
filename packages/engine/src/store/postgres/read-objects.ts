import type { KubeObject, ObjectRef } from '@pulse/api'
import type { Connection } from './connection.ts'
import type { Rows } from './rows.ts'

/** Reads the objects that are asked for one by one in the same moment with one query: a pass asks for dozens. */
export function createReader(connection: Connection, rows: Rows): typeof read {
  let waiting: Waiting[] = []

  function read(ref: ObjectRef): Promise<KubeObject | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<KubeObject | undefined>()
    waiting.push({ ref, resolve, reject })
    // When all that can run has run, and so has asked.
    if (waiting.length === 1) process.nextTick(begin)
    return promise
  }

  function begin() {
    const all = waiting
    waiting = []
    for (let from = 0; from < all.length; from += mostAtOnce) {
      void answer(all.slice(from, from + mostAtOnce), { connection, rows })
    }
  }

  return read
}

interface Waiting {
  readonly ref: ObjectRef
  readonly resolve: (object: KubeObject | undefined) => void
  readonly reject: (error: unknown) => void
}

const mostAtOnce = 100

interface Reading {
  readonly connection: Connection
  readonly rows: Rows
}

async function answer(waiting: readonly Waiting[], { connection, rows }: Reading): Promise<void> {
  let found: ReadonlyMap<number, unknown>
  try {
    found = await readValues(
      connection,
      waiting.map(({ ref }) => ref),
    )
  } catch (error) {
    for (const { reject } of waiting) reject(error)
    return
  }
  for (const [at, { ref, resolve, reject }] of waiting.entries()) {
    try {
      resolve(found.has(at) ? rows.object(found.get(at), ref) : undefined)
    } catch (error) {
      reject(error)
    }
  }
}

/** Of those that are there, by the place of their reference. */
async function readValues(
  connection: Connection,
  refs: readonly ObjectRef[],
): Promise<ReadonlyMap<number, unknown>> {
  const { rows } = await connection.query({
    name: 'pulse-read-many',
    text: `SELECT wanted.place, object.object
             FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
                  WITH ORDINALITY AS wanted (kind, api_version, namespace, name, place)
             JOIN object USING (kind, api_version, namespace, name)`,
    values: [
      refs.map(({ kind }) => kind),
      refs.map(({ apiVersion }) => apiVersion),
      refs.map(({ namespace = '' }) => namespace),
      refs.map(({ name }) => name),
    ],
  })
  return new Map(rows.map(({ place, object }) => [Number(place) - 1, object]))
}
