import { type Administration, withConnection } from '@pulse/odoo'

/** A size is told for so long: PostgreSQL looks at each file of the database for it. */
const freshMs = 60_000
/** Looked at anew for one answer. */
const mostAtOnce = 20
const patienceMs = 2_000
/** Names that are kept. */
const mostKept = 1_000

/** Sizes of databases, a bounded number looked at for each question; what is not known yet is left out. */
export function createDatabaseSizes(administration: Administration, now: () => number) {
  const known = new Map<string, { readonly bytes: number; readonly at: number }>()

  async function look(names: readonly string[]) {
    const signal = AbortSignal.timeout(patienceMs)
    const register = { database: administration.registerDatabase, signal }
    const rows = await withConnection(administration, register, (connection) =>
      connection.query(
        `SELECT datname, pg_database_size(oid)::float8 AS bytes FROM pg_database
          WHERE datname = ANY($1)`,
        [names],
      ),
    )
    for (const { datname, bytes } of rows) {
      known.delete(String(datname))
      known.set(String(datname), { bytes: Number(bytes), at: now() })
    }
    for (const name of known.keys()) {
      if (known.size <= mostKept) break
      known.delete(name)
    }
  }

  return async (names: readonly string[]): Promise<ReadonlyMap<string, number>> => {
    const stale = names.filter((name) => now() - (known.get(name)?.at ?? 0) > freshMs)
    // Without them the rest is worth as much.
    if (stale.length > 0) await look(stale.slice(0, mostAtOnce)).catch(() => undefined)
    return new Map(
      names.flatMap((name) => {
        const size = known.get(name)
        return size === undefined ? [] : [[name, size.bytes] as const]
      }),
    )
  }
}
