/** `npm run bench:sleeps`: what sleeping and waking cost with real processes, through a whole Pulse. See `--help`. */
import { type KeyedTable, writeRows } from './bench/benchmarks-page.ts'
import { readFlags } from './bench/flags.ts'
import { markdownTable } from './bench/markdown-table.ts'
import { measureOdooAlone } from './bench/odoo-alone.ts'
import { wakeInPool } from './bench/pool-wakes.ts'
import { openBench, realOdoo } from './bench/pulse.ts'
import { raceSleeps } from './bench/sleep-races.ts'
import {
  aloneRow,
  atOnceBound,
  ownBound,
  racesTable,
  signalTable,
  type WakeRow,
  wakesTable,
} from './bench/sleep-tables.ts'
import { createSleepers, wakeAtOnce, wakeOneByOne } from './bench/sleeps.ts'

const flags = readFlags(
  `npm run bench:sleeps -- [flags]: sleeps and wakes of real processes, through a whole Pulse

  --wakes N             wakes one after the other (20)
  --parallel N          and of so many tenants at once (0)
  --temperature HOW     forked: instances as forks; plain: started from nothing; pool: tenants
                        whose registry the pool's process does not hold (forked). With plain and
                        pool, real Odoo is measured without Pulse as well
  --sleeps N            instead: what becomes of requests around so many sleeps (0)
  --tenants N           of so many tenants (20)
  --burn SHARE          what the stand-in spends of real Odoo's CPU time (1)
  --write               puts the rows into docs/benchmarks.md, beside those of other runs

Measures the stand-in; with PLANA_TEST_ODOO_18=DIR (and PLANA_TEST_PYTHON) real Odoo 18. The
template is odoo18-biz.dump in PLANA_FIXTURES, if there is one.

  PLANA_TEST_ODOO_18=/opt/odoo18 npm run bench:sleeps -- --parallel 30 --write
  PLANA_TEST_ODOO_18=/opt/odoo18 npm run bench:sleeps -- --temperature plain --write
  npm run bench:sleeps -- --sleeps 2000 --burn 0 --write`,
  {
    wakes: { type: 'string', default: '20' },
    parallel: { type: 'string', default: '0' },
    temperature: { type: 'string', default: 'forked' },
    sleeps: { type: 'string', default: '0' },
    tenants: { type: 'string', default: '20' },
    burn: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
)
const intro = `A whole Pulse, and a process for each tenant that is awake. A wake counts from the request to the end of its first page, through the gateway; CPU "in all" is the whole machine's, "its own" that of the worker's process. Forked: an instance as a fork of what has its Odoo loaded; plain: started from nothing; pool: a tenant whose registry the running process of the pool does not hold. "Overtaken by": the most that were answered before one that had asked earlier. Each row is written by \`npm run bench:sleeps -- --write\` with the flags that \`--help\` tells.`
const { temperature } = flags
const [wakes, parallel, sleeps] = [
  Number(flags.wakes),
  Number(flags.parallel),
  Number(flags.sleeps),
]
const odoo = realOdoo()
const served = odoo ? 'Odoo 18' : `the stand-in (burn ${flags.burn})`
const nameOf = (what: string) => `${what}, ${temperature}, ${served}`

await using bench = await openBench({
  PLANA_FORKED_WORKERS: temperature === 'plain' ? 'off' : 'on',
  PLANA_GATEWAY_SLEEP_GRACE_SECONDS: '0.1',
  PLANA_STANDIN_BURN: flags.burn,
  // Visitors without a session would be refused after the tenth wake within an hour.
  PLANA_GATEWAY_TENANT_WAKES_PER_HOUR_MAX: '100000',
  PLANA_GATEWAY_ADDRESS_WAKES_PER_HOUR_MAX: '100000',
})
console.log(`${bench.runtime}, template ${bench.template}`)
const tables = sleeps > 0 ? [await measureRaces()] : tablesOf(await measureWakes())
for (const { head, rows } of tables) console.log(`${markdownTable(head, rows)}\n`)
if (flags.write) writeRows('Sleeping and waking', intro, tables)

function tablesOf(rows: readonly WakeRow[]): readonly KeyedTable[] {
  return [wakesTable(rows), signalTable(rows)].filter(({ rows }) => rows.length > 0)
}

async function measureRaces() {
  const tenants = Number(flags.tenants)
  const races = await raceSleeps(bench, { tenants, sleeps })
  console.log(races.answers)
  return racesTable(nameOf(`${tenants} tenants`), races)
}

async function measureWakes(): Promise<readonly WakeRow[]> {
  const isComparable = odoo !== undefined && temperature !== 'forked'
  const alone = isComparable ? (await measureOdooAlone(bench, odoo, wakes)).map(aloneRow) : []
  const own =
    temperature === 'pool' ? await measurePool(alone[1]) : await measureInstances(alone[0])
  for (const { name, failures } of own) console.log(name, 'failed:', failures)
  return [...own, ...alone]
}

async function measurePool(furtherDatabase: WakeRow | undefined): Promise<readonly WakeRow[]> {
  const bound = ownBound(furtherDatabase, 50)
  return [{ ...(await wakeInPool(bench, wakes)), name: nameOf('in turn'), bound }]
}

async function measureInstances(start: WakeRow | undefined): Promise<readonly WakeRow[]> {
  // The others come later: nothing but the one that wakes has work meanwhile.
  await createSleepers(bench, 1, '1h')
  const inTurn = await wakeOneByOne(bench, wakes)
  const bound = temperature === 'plain' ? ownBound(start, 200) : 'p50 ≤ 600, p99 ≤ 1,200'
  const row = { ...inTurn, name: nameOf('in turn'), bound }
  if (parallel === 0) return [row]
  await createSleepers(bench, parallel, '1h', 1)
  const atOnce = await wakeAtOnce(bench, parallel)
  return [
    row,
    { ...atOnce, name: nameOf(`${parallel} at once`), bound: atOnceBound(parallel, inTurn) },
  ]
}
