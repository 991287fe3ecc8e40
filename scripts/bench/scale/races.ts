import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type {
  RaceOptions,
  RaceResult,
} from '../../../packages/gateway/src/life/races/race.suite.ts'
import type { KeyedTable } from '../benchmarks-page.ts'
import { measuredOn } from '../measured-on.ts'

/** As many sleeps, spread over seeds from the first on: what CI runs, again with other seeds. */
const sleepsOfSeed = 2_500

/** In-process races of requests around sleeps; a thread for each core. */
export async function measureRaces(sleeps: number, firstSeed: number): Promise<KeyedTable> {
  const seeds = Array.from({ length: Math.ceil(sleeps / sleepsOfSeed) }, (_, at) => firstSeed + at)
  const begun = performance.now()
  const results = await raceAll(
    seeds.map((seed) => optionsOf(seed, Math.min(sleeps, sleepsOfSeed))),
  )
  const seconds = (performance.now() - begun) / 1000
  const sum = (of: (result: RaceResult) => number) =>
    results.reduce((total, result) => total + of(result), 0)
  const figures = [
    sum((result) => result.sleeps),
    sum(({ requests }) => requests),
    sum(({ requests, ends: { served = 0, left = 0 } }) => requests - served - left),
    sum(({ fouls }) => fouls.length),
    sum((result) => Math.max(0, result.starts - result.sleeps - 1)),
    seconds,
  ]
  return {
    head: [
      ...['races', 'sleeps', 'requests', 'lost', 'woken beside the old process'],
      ...['started twice', 'seconds', 'measured'],
    ],
    rows: [
      [
        `seeds ${firstSeed}–${firstSeed + seeds.length - 1}`,
        ...figures.map((figure) => Math.round(figure).toLocaleString('en')),
        measuredOn(),
      ],
    ],
  }
}

/** One, two and three gateways in turn, some of them cut off from the store at times. */
function optionsOf(seed: number, sleeps: number): RaceOptions {
  const gateways = 1 + (seed % 3)
  return { seed, sleeps, gateways, isPartitioned: gateways > 1 && seed % 2 === 0 }
}

async function raceAll(options: readonly RaceOptions[]): Promise<readonly RaceResult[]> {
  const results: RaceResult[] = []
  const threads = Array.from({ length: availableParallelism() }, async (_, at, all = options) => {
    const own = all.filter((_options, index) => index % availableParallelism() === at)
    const worker = new Worker(new URL('race-worker.ts', import.meta.url), { workerData: own })
    worker.on('message', (result) => {
      results.push(result)
      console.error(`${results.length} of ${options.length} seeds`)
    })
    await once(worker, 'exit')
  })
  await Promise.all(threads)
  if (results.length < options.length) throw new Error('a race ended without a result')
  return results
}
