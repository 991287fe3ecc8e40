import { type Query, quoteName, type Row } from './databases.ts'
import type { Major } from './majors.ts'

/** The values by which processes on one database tell each other of changes; compared for equality only. */
export interface Signals {
  readonly registry: number
  readonly caches: Readonly<Record<string, number>>
}

/** Creates what is missing, as loading a registry does. */
export async function ensureSignals(query: Query, major: Major): Promise<void> {
  for (const name of relationsOf(major)) {
    const [row] = await query('SELECT to_regclass($1) IS NOT NULL AS present', [quoteName(name)])
    if (row?.present) continue
    if (major.signalling === 'sequences') {
      await query(`CREATE SEQUENCE ${quoteName(name)}`)
      await query(`SELECT nextval('${quoteName(name)}')`)
      continue
    }
    await query(
      `CREATE TABLE ${quoteName(name)} (id serial PRIMARY KEY, date timestamp DEFAULT now())`,
    )
    await query(`INSERT INTO ${quoteName(name)} DEFAULT VALUES`)
  }
}

/** One round trip, at each request. */
export async function readSignals(query: Query, major: Major): Promise<Signals> {
  const value = (name: string) =>
    major.signalling === 'sequences'
      ? `(SELECT last_value FROM ${quoteName(name)})`
      : `(SELECT max(id) FROM ${quoteName(name)})`
  const columns = relationsOf(major).map((name) => `${value(name)} AS ${quoteName(name)}`)
  const [row = {}] = await query(`SELECT ${columns.join(', ')}`)
  return {
    registry: numberOf(row, registryRelation(major)),
    caches: Object.fromEntries(
      major.caches.map((cache) => [cache, numberOf(row, cacheRelation(major, cache))]),
    ),
  }
}

/** Tells the other processes that the registry (no cache named) or one cache is stale. */
export async function signal(query: Query, major: Major, cache?: string): Promise<void> {
  const name = quoteName(cache ? cacheRelation(major, cache) : registryRelation(major))
  if (major.signalling === 'sequences') await query(`SELECT nextval('${name}')`)
  if (major.signalling === 'tables') await query(`INSERT INTO ${name} DEFAULT VALUES`)
}

function relationsOf(major: Major): string[] {
  return [registryRelation(major), ...major.caches.map((cache) => cacheRelation(major, cache))]
}

function registryRelation(major: Major): string {
  return major.signalling === 'sequences' ? 'base_registry_signaling' : 'orm_signaling_registry'
}

function cacheRelation(major: Major, cache: string): string {
  const prefix = major.signalling === 'sequences' ? 'base_cache_signaling' : 'orm_signaling'
  return `${prefix}_${cache}`
}

function numberOf(row: Row, name: string): number {
  return Number(row[name] ?? 0)
}
