import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import { odooMissing as missing, odooSource } from './real-odoo.suite.ts'
import { createTenant, query, visit } from './tenant.suite.ts'

const limitMs = 600_000

describe.skipIf(missing !== undefined)(`Odoo after the stand-in (${missing ?? 'real'})`, () => {
  let pulse: PulseUnderTest
  let added = ''

  beforeAll(async () => {
    pulse = await startPulse()
    await createTenant(pulse, 'before')
    await vi.waitFor(async () => expect(await standbys()).toContain('18.0.stand-in'), {
      timeout: 60_000,
    })
    const python = ['--python', '/usr/bin/python3']
    const result = await pulse.pulse('runtime', 'add', '18', '--path', odooSource, ...python)
    expect(result.exitCode).toBe(0)
    added = result.stderr
  }, limitMs)
  afterAll(() => pulse.cleanUp(), limitMs)

  async function standbys(): Promise<unknown[]> {
    const rows = await query(
      pulse,
      "SELECT DISTINCT shape->>'version' FROM odoo.standby",
      [],
      'pulse',
    )
    return rows.flatMap(Object.values)
  }

  test(
    'a tenant that is created at once waits for the template of Odoo, and can be opened',
    async () => {
      expect(added).toContain('The templates of 18 are made anew now')
      const flags = ['--owner', 'owner@at-once.example', '--timeout', '110s']
      const created = await pulse.pulse('create', 'at-once', ...flags)
      expect(created.stderr).toContain('making the template of Odoo 18 anew')
      expect(created).toMatchObject({ exitCode: 0 })
      const page = await (await visit(pulse, 'at-once.localhost')).get('/web/login')
      expect(page.status).toBe(200)
    },
    limitMs,
  )

  test(
    'no standby of the stand-in is left',
    async () => {
      await expect.poll(() => templates(), { timeout: 300_000 }).toEqual(['basic', 'pro'])
      await expect.poll(standbys, { timeout: 30_000 }).not.toContain('18.0.stand-in')
    },
    limitMs,
  )

  test('whoever waits for a tenant of the stand-in is told at once that it is lost', async () => {
    const waited = await pulse.pulse('wait', 'planaclient', 'before', '--timeout', '100s')
    expect(waited.exitCode).toBe(1)
    expect(waited.stderr).toContain('the stand-in made this database and Odoo cannot open it')
  })

  /** Editions whose template is of Odoo. */
  async function templates(): Promise<unknown[]> {
    const ours = "details->>'version' NOT LIKE '%.stand-in'"
    const rows = await query(
      pulse,
      `SELECT edition FROM odoo.template WHERE ${ours} ORDER BY 1`,
      [],
      'pulse',
    )
    return rows.flatMap(Object.values)
  }
})
