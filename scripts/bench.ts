/**
 * `npm run bench`: how long a tenant takes from `apply` to its first page, on this machine, with what it is compared
 * to measured in the same run. `--write` puts the result into docs/benchmarks.md. The stand-in burns the CPU that real
 * Odoo needs; with PLANA_TEST_ODOO_18=DIR real Odoo is measured instead.
 */
import { writeSection } from './bench/benchmarks-page.ts'
import { type BenchRow, measureCloneBaseline, measureCreations } from './bench/creations.ts'
import { measuredOn } from './bench/measured-on.ts'
import { measureOdooAlone } from './bench/odoo-alone.ts'
import { openBench, realOdoo } from './bench/pulse.ts'
import { measureWakes } from './bench/wakes.ts'

const rounds = Number(process.env.PLANA_BENCH_ROUNDS ?? 10)
const rows: BenchRow[] = []

await using bench = await openBench()
console.log(`measuring ${rounds} rounds each, ${bench.runtime}, template ${bench.template}`)
for (const options of [
  { name: 'pool, with a standby', hosting: 'pool', from: 'standby', rounds },
  { name: 'instance, with a standby', hosting: 'instance', from: 'standby', rounds },
  { name: 'pool, without a standby', hosting: 'pool', from: 'template', rounds },
  { name: 'instance, without a standby', hosting: 'instance', from: 'template', rounds },
] as const) {
  rows.push(await measureCreations(bench, options))
}
rows.push(await measureWakes(bench, rounds))
rows.push(await measureCloneBaseline(bench, rounds))
const odoo = realOdoo()
if (odoo !== undefined) rows.push(...(await measureOdooAlone(bench, odoo, rounds)))
// The last, since it leaves the bench without its template.
rows.push(
  await measureCreations(bench, {
    name: 'instance, without a template: base alone, installed (2 rounds)',
    hosting: 'instance',
    from: 'runtime',
    rounds: 2,
  }),
)

const text = report(rows)
console.log(text)
if (process.argv.includes('--write')) {
  writeSection('From apply to the first page', text)
}

function report(measured: readonly BenchRow[]): string {
  const lines = measured.map(
    ({ name, database, ready, page }) =>
      `| ${[name, database, ready, page].map((cell) => (typeof cell === 'string' ? cell : spread(cell))).join(' | ')} |`,
  )
  return `From \`apply\` of a PLANAClient, in milliseconds: p50 / p90 of ${rounds} rounds each. Written by \`npm run bench -- --write\`.

${measuredOn()} · ${bench.runtime} · template: ${bench.template}

| what | database step | Ready | first /web/login 200 |
|---|---|---|---|
${lines.join('\n')}
`
}

function spread(values: readonly number[]): string {
  if (values.length === 0) return '–'
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return `${Math.round(at(0.5))} / ${Math.round(at(0.9))}`
}
