import { loads } from './loads.ts'
import { median } from './percentile.ts'
import type { Row } from './table.ts'

/** One row for several rounds of the same peer: the median of each figure by itself, errors added up. */
export function medianRow(rounds: readonly Row[]): Row {
  const [first] = rounds
  if (first === undefined) throw new Error('there is no round')
  const latencies = rounds.flatMap(({ latency }) => latency ?? [])
  const memory = rounds.flatMap(({ rssMiB }) => rssMiB ?? [])
  return {
    ...first,
    loads: Object.fromEntries(
      loads.flatMap(({ name }) => {
        const results = rounds.flatMap((row) => row.loads[name] ?? [])
        if (results.length === 0) return []
        const cpu = results.flatMap(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest ?? [])
        const result = {
          requestsPerSecond: median(results.map(({ requestsPerSecond }) => requestsPerSecond)),
          errors: results.reduce((sum, { errors }) => sum + errors, 0),
          ...(cpu.length > 0 && { cpuMicrosPerRequest: median(cpu) }),
        }
        return [[name, result]]
      }),
    ),
    ...(latencies.length > 0 && {
      latency: {
        p50: median(latencies.map(({ p50 }) => p50)),
        p99: median(latencies.map(({ p99 }) => p99)),
      },
    }),
    ...(memory.length > 0 && { rssMiB: median(memory) }),
  }
}
