/**
 * `npm run soak -- --runs 2000 --seed S`: kills Pulse, or what it runs, at moments that it finds by itself, and looks
 * whether the same end is reached and nothing is left over. Each run is made again by its seed and number.
 */
import { parseArgs } from 'node:util'
import { soak } from '../apps/pulse/src/e2e/kill-anything/soak.suite.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: new Date().toISOString().slice(0, 10) },
    from: { type: 'string', default: '0' },
    runs: { type: 'string', default: '2000' },
    benches: { type: 'string', default: '2' },
    at: { type: 'string' },
    scenario: { type: 'string' },
  },
})
const enough = new AbortController()
process.once('SIGINT', () => enough.abort())
const { done, failures } = await soak({
  seed: values.seed,
  from: Number(values.from),
  runs: Number(values.runs),
  benches: Number(values.benches),
  at: values.at,
  only: values.scenario,
  signal: enough.signal,
  print: (line) => console.log(line),
})
console.log(`${done} runs with seed ${values.seed}, ${failures.length} failed`)
process.exitCode = failures.length > 0 ? 1 : 0
