import { availableParallelism } from 'node:os'
import type { KeyedTable } from './benchmarks-page.ts'
import type { BenchRow } from './creations.ts'
import { percentile } from './gateway/percentile.ts'
import { measuredOn } from './measured-on.ts'
import type { SleepRaces } from './sleep-races.ts'
import type { InstanceWakes, ParallelWakes } from './sleeps.ts'

/** One row of wakes; what was not measured of it is a dash. */
export type WakeRow = Partial<ParallelWakes> & { readonly name: string; readonly bound?: string }

export function wakesTable(rows: readonly WakeRow[]): KeyedTable {
  return {
    head: [
      ...['wakes', 'first ms', 'p50 / p99 ms', 'last ms', 'to compare with'],
      ...['CPU ms each, in all / its own', 'private MB each, median / max', 'overtaken by'],
      ...['failed', 'measured'],
    ],
    rows: rows.map((row) => [
      row.name,
      whole(row.firstMs),
      `${whole(row.p50Ms)} / ${whole(row.p99Ms)}`,
      whole(row.lastMs),
      row.bound ?? '–',
      `${whole(row.cpuMsPerWake)} / ${whole(row.ownCpuMs)}`,
      row.privateMegabytes ? `${row.privateMegabytes.median} / ${row.privateMegabytes.max}` : '–',
      whole(row.overtakenMax),
      row.failures ? countOf(row.failures) : '–',
      measuredOn(),
    ]),
  }
}

/** The rows in which it was measured. */
export function signalTable(rows: readonly WakeRow[]): KeyedTable {
  return {
    head: ['from a request to the wish in the store', 'written after ms p50 / max', 'measured'],
    rows: rows.flatMap(({ name, signalMs = [] }) =>
      signalMs.length === 0
        ? []
        : [
            [
              name,
              [0.5, 1].map((at) => percentile(signalMs, at).toFixed(1)).join(' / '),
              measuredOn(),
            ],
          ],
    ),
  }
}

/** When all must be through: no core was idle for long, and little was done besides what Odoo does in turn. */
export function atOnceBound(tenants: number, { ownCpuMs, cpuMsPerWake }: InstanceWakes): string {
  const [own, all] = [ownCpuMs, cpuMsPerWake].map((cpuMs) =>
    whole((1.15 * cpuMs * tenants) / availableParallelism()),
  )
  return `first ≤ 1,000, last ≤ ${own} (1.15 × its own CPU in turn × ${tenants} / cores; ${all} by all CPU)`
}

/** What Odoo takes by itself, and a little for Pulse. */
export function ownBound(alone: WakeRow | undefined, moreMs: number): string {
  return alone?.p50Ms === undefined
    ? '–'
    : `p50 ≤ ${whole(alone.p50Ms + moreMs)} (Odoo’s own + ${moreMs})`
}

/** Odoo without Pulse, measured in the same run. */
export function aloneRow({ name, page }: BenchRow): WakeRow {
  const times = typeof page === 'string' ? [] : page
  const at = (share: number) => percentile(times, share)
  return { name, firstMs: at(0), p50Ms: at(0.5), p99Ms: at(0.99), lastMs: at(1) }
}

export function racesTable(name: string, races: SleepRaces): KeyedTable {
  const { sleeps, requests, lost, misrouted, startedTwice } = races
  return {
    head: ['around sleeps', 'sleeps', 'requests', 'lost', 'misrouted', 'started twice', 'measured'],
    rows: [[name, ...[sleeps, requests, lost, misrouted, startedTwice].map(whole), measuredOn()]],
  }
}

function whole(figure: number | undefined): string {
  return figure === undefined || Number.isNaN(figure)
    ? '–'
    : Math.round(figure).toLocaleString('en')
}

function countOf(failures: Readonly<Record<string, number>>): string {
  return whole(Object.values(failures).reduce((sum, count) => sum + count, 0))
}
