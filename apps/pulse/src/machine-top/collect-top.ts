import type { UseRates } from '@pulse/engine'
import type { LifeFigures } from '../figures/life-figures.ts'
import type { Visits } from '../figures/visits.ts'
import { inSlices } from '../routing/in-slices.ts'
import type { KnownEnvironment, RoutingTable } from '../routing/routing-table.ts'
import type { MachineTop, TopRow } from './schema.ts'

export interface TopSources {
  readonly table: Pick<RoutingTable, 'all' | 'known'>
  readonly figures: Pick<LifeFigures, 'of'>
  readonly visits: Pick<Visits, 'of'>
  readonly use: () => Promise<UseRates>
  /** Sizes of these databases, of as many as are known yet. */
  readonly databaseSizes: (names: readonly string[]) => Promise<ReadonlyMap<string, number>>
  /** Epoch milliseconds. */
  readonly now: () => number
}

type Use = Pick<TopRow, 'cpus' | 'memoryBytes' | 'pods'>

/** Who was asked for within this time has a row, also without a process of its own. */
const recentMs = 10 * 60_000
/** More rows nobody reads; those that use most come first. */
const mostRows = 2_000
/** Databases whose size is told. */
const mostSizes = 100

const nothing: Use = { cpus: 0, memoryBytes: 0, pods: 0 }

/** What runs now and what it uses; ten thousand that sleep are only counted. */
export async function collectTop(sources: TopSources): Promise<MachineTop> {
  const { table, use, now } = sources
  const rates = await use()
  const uses = usesByNamespace(rates)
  const rows: TopRow[] = []
  const databases = new Map<string, string>()
  const pools = new Set<string>()
  let environments = 0
  let asleep = 0
  for await (const name of inSlices(table.all())) {
    const known = table.known(name)
    if (known === undefined) continue
    environments += 1
    if (isAsleep(known)) asleep += 1
    if (!known.environment.isInstance) pools.add(known.environment.names.namespace)
    const row = rowOf(name, known, { ...sources, uses, at: now() })
    if (row === undefined) continue
    rows.push(row)
    databases.set(name, known.environment.names.database)
  }
  for (const namespace of pools) {
    const own = uses.get(namespace)
    if (own) rows.push({ name: namespace, hosting: 'pool', state: 'runs', ...own, requests: 0 })
  }
  const shown = rows.toSorted((a, b) => b.memoryBytes - a.memoryBytes).slice(0, mostRows)
  const asked = shown.slice(0, mostSizes).flatMap(({ name }) => databases.get(name) ?? [])
  const sizes = await sources.databaseSizes(asked)
  return {
    ...{ at: rates.at, windowMs: rates.windowMs, environments, asleep },
    rows: shown.map((row) => {
      const databaseBytes = sizes.get(databases.get(row.name) ?? '')
      return databaseBytes === undefined ? row : { ...row, databaseBytes }
    }),
    totals: [...uses.values()].reduce(added, nothing),
  }
}

function usesByNamespace({ pods }: UseRates): ReadonlyMap<string, Use> {
  const uses = new Map<string, Use>()
  for (const { namespace, containers } of pods) {
    const own = containers.reduce(added, { ...nothing, pods: 1 })
    uses.set(namespace, added(uses.get(namespace) ?? nothing, own))
  }
  return uses
}

function added(one: Use, other: Omit<Use, 'pods'> & { readonly pods?: number }): Use {
  return {
    cpus: one.cpus + other.cpus,
    memoryBytes: one.memoryBytes + other.memoryBytes,
    pods: one.pods + (other.pods ?? 0),
  }
}

function isAsleep({ environment, workers }: KnownEnvironment): boolean {
  const isServed = environment.route.state.phase === 'serving'
  return environment.isInstance && isServed && workers?.record.state === 'down'
}

interface Surroundings extends Pick<TopSources, 'figures' | 'visits'> {
  readonly uses: ReadonlyMap<string, Use>
  readonly at: number
}

function rowOf(
  name: string,
  known: KnownEnvironment,
  { figures, visits, uses, at }: Surroundings,
): TopRow | undefined {
  const { isInstance, names, route, sleep, ask } = known.environment
  const own = isInstance ? uses.get(names.namespace) : undefined
  const visit = visits.of(name)
  const isRecent = visit !== undefined && at - visit.lastAt < recentMs
  if (own === undefined && !isRecent) return undefined
  const { phase } = route.state
  const life = isInstance ? (figures.of(name)?.state ?? lifeOf(known)) : 'shared'
  const isAwake = isInstance && life === 'awake'
  const keptUntil = ask?.awakeUntil ?? 0
  return {
    name,
    hosting: isInstance ? 'instance' : 'member',
    state: phase === 'serving' ? life : phase,
    ...(own ?? nothing),
    requests: visit?.requests ?? 0,
    ...(visit && { lastRequestAt: visit.lastAt }),
    ...(visit &&
      isAwake &&
      sleep.isEnabled && { sleepsAt: Math.max(visit.lastAt + sleep.idleMs, keptUntil) }),
  }
}

/** What the store shows, where the gateway has told nothing. */
function lifeOf({ workers, backends }: KnownEnvironment): string {
  if (workers?.record.state === 'down') return 'asleep'
  return backends.ready.length > 0 ? 'awake' : 'starting'
}
