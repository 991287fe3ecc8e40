import type { Burn } from './burn.ts'
import type { Databases, Query } from './databases.ts'
import type { Major } from './majors.ts'
import type { ServerLog } from './server-log.ts'
import { ensureSignals, readSignals, type Signals, signal } from './signals.ts'

/** The database cannot serve: it is missing, refuses us, is not Odoo's, or belongs to another major. */
export class RegistryError extends Error {
  override name = 'RegistryError'
}

/** One loaded database. What it caches stays, stale or not, until a signal changes: as in Odoo. */
export interface Registry {
  readonly database: string
  readonly query: Query
  /** Whatever is remembered belongs to this; another one means that all of it is forgotten. */
  generation(): object
  /** Forgets what is cached here and tells the other processes. */
  invalidate(): Promise<void>
}

/** The registries of one process, or of one worker where there are several. */
export interface Registries {
  /** Loads at first use, checks the signals at every other. */
  open(database: string): Promise<Registry>
  /** The databases in memory: the only ones whose schedules a threaded server runs. */
  loaded(): string[]
}

/** As many as Odoo keeps by default before it drops the one that was used longest ago. */
const capacity = 136

interface Context {
  readonly databases: Databases
  readonly major: Major
  readonly burn: Burn
  readonly log: ServerLog
}

interface Entry {
  readonly registry: Registry
  generation: object
  signals: Signals
}

export function createRegistries(context: Context): Registries {
  const { databases, major, log } = context
  const entries = new Map<string, Entry>()
  // Odoo loads one registry at a time in a process, whoever asks.
  let loading: Promise<unknown> = Promise.resolve()

  const load = async (database: string): Promise<Entry> => {
    const entry = await loadEntry(context, database, entries.size === 0)
    entries.delete(database)
    entries.set(database, entry)
    const [oldest] = entries.keys()
    if (entries.size > capacity && oldest !== undefined) entries.delete(oldest)
    return entry
  }

  const loadInTurn = (database: string): Promise<Entry> => {
    const turn = loading.then(() => entries.get(database) ?? load(database))
    loading = turn.catch(() => undefined)
    return turn
  }

  return {
    async open(database) {
      const entry = entries.get(database)
      if (!entry) return (await refusedAsRegistryError(database, loadInTurn(database))).registry

      const query = databases.of(database)
      const signals = await refusedAsRegistryError(database, readSignals(query, major))
      entries.delete(database)
      entries.set(database, entry)
      if (signals.registry !== entry.signals.registry) {
        log
          .of(database)
          .info('odoo.modules.registry', 'Reloading the model registry after database signaling.')
        entries.delete(database)
        return (await refusedAsRegistryError(database, loadInTurn(database))).registry
      }

      const stale = major.caches.filter(
        (name) => signals.caches[name] !== entry.signals.caches[name],
      )
      if (stale.length > 0) {
        log
          .of(database)
          .info(
            'odoo.modules.registry',
            `Invalidating caches after database signaling: ${stale.join(', ')}`,
          )
        entry.generation = {}
        entry.signals = signals
      }
      return entry.registry
    },

    loaded: () => [...entries.keys()],
  }
}

async function loadEntry(context: Context, database: string, first: boolean): Promise<Entry> {
  const { databases, major, burn } = context
  const log = context.log.of(database)
  const started = performance.now()
  const query = databases.of(database)

  const modules = await installedModules(query, database)
  const version = modules.get('base') ?? ''
  if (!version.startsWith(`${major.version}.`)) {
    throw new RegistryError(`${database} holds version ${version}, this server is ${major.version}`)
  }
  log.info('odoo.modules.loading', `loading ${modules.size} modules...`)
  await ensureSignals(query, major)
  const signals = await readSignals(query, major)
  // What a process spends until its first page is one figure: what we need ourselves is no part on top of it.
  if (first) await burn.upTo(major.startMs + major.firstRegistryMs)
  else await burn.for(major.furtherRegistryMs)
  const seconds = ((performance.now() - started) / 1000).toFixed(3)
  log.info('odoo.modules.loading', 'Modules loaded.')
  log.info('odoo.modules.registry', `Registry loaded in ${seconds}s`)

  const entry: Entry = { generation: {}, signals, registry: makeRegistry() }
  return entry

  function makeRegistry(): Registry {
    return {
      database,
      query,
      generation: () => entry.generation,
      async invalidate() {
        log.info('odoo.modules.registry', 'Caches invalidated, signaling through the database')
        await signal(query, major, 'default')
        entry.generation = {}
        entry.signals = await readSignals(query, major)
      },
    }
  }
}

/** Names and versions of what is installed; the one question that tells an Odoo database from any other. */
async function installedModules(query: Query, database: string): Promise<Map<string, string>> {
  const [table] = await query(`SELECT to_regclass('public.ir_module_module') AS name`)
  if (!table?.name) {
    throw new RegistryError(
      `Database ${database} not initialized, you can force it with \`-i base\``,
    )
  }
  const rows = await query(
    `SELECT name, latest_version FROM ir_module_module
     WHERE state IN ('installed', 'to upgrade', 'to remove')`,
  )
  return new Map(rows.map((row) => [String(row.name), String(row.latest_version ?? '')]))
}

async function refusedAsRegistryError<T>(database: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    if (cause instanceof RegistryError) throw cause
    throw new RegistryError(`Cannot get registry ${database}: ${messageOf(cause)}`, { cause })
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
