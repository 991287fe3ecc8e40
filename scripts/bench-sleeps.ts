/**
 * `node scripts/bench-sleeps.ts --sleeps 2000 --tenants 20`
 * counts what becomes of requests around the sleeps of real processes; `--wakes 20` measures wakes one by one, and
 * `--parallel 30` those of so many tenants at once. With PLANA_TEST_ODOO_18 it is the real Odoo that sleeps.
 */
import { parseArgs } from 'node:util'
import { openBench } from './bench/pulse.ts'
import { createSleepers, raceSleeps, wakeAtOnce, wakeOneByOne } from './bench/sleeps.ts'

const { values } = parseArgs({
  options: {
    sleeps: { type: 'string', default: '0' },
    tenants: { type: 'string', default: '20' },
    wakes: { type: 'string', default: '0' },
    parallel: { type: 'string', default: '0' },
    /** What the stand-in spends of real Odoo's CPU time. */
    burn: { type: 'string', default: '1' },
  },
})
await using bench = await openBench({
  PLANA_GATEWAY_SLEEP_GRACE_SECONDS: '0.1',
  PLANA_STANDIN_BURN: values.burn,
  // Visitors without a session would be refused after the tenth wake within an hour.
  PLANA_GATEWAY_TENANT_WAKES_PER_HOUR_MAX: '100000',
  PLANA_GATEWAY_ADDRESS_WAKES_PER_HOUR_MAX: '100000',
})
console.log(`${bench.runtime}, template ${bench.template}`)
const sleeps = Number(values.sleeps)
if (sleeps > 0) console.log(await raceSleeps(bench, { tenants: Number(values.tenants), sleeps }))
const [wakes, parallel] = [Number(values.wakes), Number(values.parallel)]
if (sleeps === 0) await createSleepers(bench, Math.max(parallel, wakes > 0 ? 1 : 0), '1h')
if (wakes > 0) console.log('one by one', await wakeOneByOne(bench, wakes))
if (parallel > 0) console.log('at once', await wakeAtOnce(bench, parallel))
