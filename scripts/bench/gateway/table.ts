import { markdownTable } from '../markdown-table.ts'
import { type LoadName, loads } from './loads.ts'

/** One measured proxy; what could not be measured is absent. */
export interface Row {
  readonly peer: string
  readonly version: string
  readonly loads: Partial<Readonly<Record<LoadName, LoadResult>>>
  readonly latency?: LatencyResult
  readonly rssMiB?: number
  readonly note?: string
}

export interface LoadResult {
  readonly requestsPerSecond: number
  /** CPU time of the proxy alone, user and system. */
  readonly cpuMicrosPerRequest?: number
  /** Answers other than 2xx and broken connections. */
  readonly errors: number
}

/** Milliseconds from the scheduled time. */
export interface LatencyResult {
  readonly p50: number
  readonly p99: number
}

/** Markdown: throughput with CPU time in parentheses, latency as what is added to `direct`. */
export function renderTable(rows: readonly Row[]): string {
  const direct = rows.find(({ peer }) => peer === 'direct')?.latency
  const head = ['peer', ...loads.map(({ title }) => title), 'added p50 / p99 ms', 'RSS MiB', 'note']
  const lines = rows.map((row) => [
    `${row.peer} ${row.version}`.trim(),
    ...loads.map(({ name }) => renderLoad(row.loads[name])),
    renderAdded(row, direct),
    row.rssMiB === undefined ? '–' : row.rssMiB.toFixed(0),
    row.note ?? '',
  ])
  return markdownTable(head, lines)
}

/** One sentence for each of the others: how many times its CPU time a request takes here, by load. */
export function renderRatios(rows: readonly Row[], others: readonly string[]): string {
  const ours = rows.find(({ peer }) => peer === 'pulse')
  const sentences = others.flatMap((name) => {
    const other = rows.find(({ peer }) => peer === name)
    const ratios = loads.flatMap((load) => {
      const [mine, theirs] = [ours, other].map((row) => row?.loads[load.name]?.cpuMicrosPerRequest)
      return mine && theirs ? [`${(mine / theirs).toFixed(1)} × (${load.name})`] : []
    })
    return ratios.length === 0
      ? []
      : [`CPU time per request, pulse beside ${name}: ${ratios.join(', ')}.`]
  })
  return sentences.join(' ')
}

function renderLoad(result: LoadResult | undefined): string {
  if (result === undefined) return '–'
  const { requestsPerSecond, cpuMicrosPerRequest, errors } = result
  const rate = Math.round(requestsPerSecond).toLocaleString('en')
  const cpu = cpuMicrosPerRequest === undefined ? '' : ` (${cpuMicrosPerRequest.toFixed(0)})`
  return `${rate}${cpu}${errors > 0 ? ` ${errors} errors` : ''}`
}

function renderAdded({ peer, latency }: Row, direct: LatencyResult | undefined): string {
  if (latency === undefined) return '–'
  if (peer === 'direct' || direct === undefined) {
    return `${latency.p50.toFixed(2)} / ${latency.p99.toFixed(2)} in all`
  }
  return `${(latency.p50 - direct.p50).toFixed(2)} / ${(latency.p99 - direct.p99).toFixed(2)}`
}
