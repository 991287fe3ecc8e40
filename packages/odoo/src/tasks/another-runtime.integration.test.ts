import { standInProgram } from '@pulse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Bench,
  fillArgv,
  hasFixtures,
  makeEnvironment,
  makePoolRole,
  openBench,
  templateArgv,
  whyNoFixtures,
} from '../bench.suite.ts'
import { withConnection } from '../database/administration.ts'
import type { Runtime, RuntimeLookup } from '../runtime/runtime.ts'
import { wantedLines } from '../standby-lines.ts'

const standIn: RuntimeLookup = (major) => {
  const { command, args } = standInProgram(major)
  const runtime = [command, ...args, '--standin-burn=0'] as const
  return { major, version: `${major}.0`, command: runtime, standIn: true }
}

const odoo = (major: Runtime['major']) => ({ ...standIn(major), standIn: false }) as Runtime

const installArgv = [
  ...templateArgv('18', 'base').filter((flag) => !/^--(action|dump|filestore)=/.test(flag)),
  '--action=install',
  '--rev=stand-in',
]

let bench: Bench

beforeAll(async () => {
  bench = await openBench()
  await makePoolRole(bench, '18')
  await bench.task('template', installArgv, { runtimes: standIn })
  await bench.task('fill', fillArgv('old', '18', 'pool'), { runtimes: standIn })
})
afterAll(() => bench[Symbol.asyncDispose]())

const linesFor = (runtimes: RuntimeLookup) =>
  withConnection(bench.administration, { database: 'pulse' }, (connection) =>
    wantedLines(connection, runtimes),
  )

test('a database that the stand-in made is claimed for the stand-in alone, and Odoo waits for a template of its own', async () => {
  const { claimArgv, names } = await makeEnvironment(bench, 'early')
  const claim = bench.task('claim', claimArgv, { runtimes: odoo })
  const message = 'the stand-in made template basic-18, which Odoo cannot open'
  await expect(claim).rejects.toThrow(message)
  expect(await bench.databases()).not.toContain(names.database)
  expect(await bench.ask('pulse', 'SELECT id FROM odoo.standby')).toEqual(['old'])
  const { facts, namespace } = names
  expect(bench.results.read(`${namespace}/${facts}`)?.error).toContain(message)
})

test('nothing is filled from its template meanwhile', async () => {
  expect(await linesFor(standIn)).toHaveLength(1)
  expect(await linesFor(odoo)).toEqual([])
  const fill = bench.task('fill', fillArgv('next', '18', 'pool'), { runtimes: odoo })
  await expect(fill).rejects.toThrow('the stand-in made template basic-18')
})

test('an installation whose runtime was replaced meanwhile is not kept', async () => {
  let asked = 0
  const replaced: RuntimeLookup = (major) => {
    asked += 1
    return asked === 1 ? standIn(major) : odoo(major)
  }
  const again = installArgv.map((flag) => (flag.startsWith('--rev=') ? '--rev=odoo-18.0' : flag))
  const install = bench.task('template', again, { runtimes: replaced })
  await expect(install).rejects.toThrow('the runtime of Odoo 18 was replaced')
  const revs = await bench.ask('pulse', "SELECT details->>'rev' FROM odoo.template")
  expect(revs).toEqual(['stand-in'])
})

describe.skipIf(!hasFixtures)(`a template of Odoo (${whyNoFixtures})`, () => {
  test('takes the old standbys away, and the claim goes on', async () => {
    const { claimArgv, names } = await makeEnvironment(bench, 'patient')
    await expect(bench.task('claim', claimArgv, { runtimes: odoo })).rejects.toThrow('stand-in')
    await bench.importTemplate('18', 'base')
    expect(await bench.ask('pulse', 'SELECT id FROM odoo.standby')).toEqual([])
    expect((await bench.databases()).filter((name) => name.includes('old'))).toEqual([])

    await bench.task('claim', claimArgv, { runtimes: odoo })
    const facts = bench.results.read(`${names.namespace}/${names.facts}`)
    expect(facts?.odooVersion).toMatch(/^18\.0\.[\d.]+$/)
    expect(await linesFor(odoo)).not.toEqual([])
  })
})
