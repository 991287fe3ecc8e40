import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../postgres.ts'
import { runOdoo, sql, startPool } from './site.testing.ts'
import { createVisitor } from './visitor.testing.ts'

/** A busy machine takes its time. */
const patience = { timeout: 30_000 }

describe.each(['17', '18', '19'] as const)('the schedules of Odoo %s', (major) => {
  let database: TestDatabase
  const runs = async () =>
    (
      await sql(
        database.name,
        `SELECT count(*)::int AS runs FROM ir_logging WHERE message LIKE 'Job done%'`,
      )
    )[0]?.runs
  const wake = () => sql('postgres', `SELECT pg_notify('cron_trigger', $1)`, [database.name])
  const trigger = () =>
    sql(
      database.name,
      `INSERT INTO ir_cron_trigger (cron_id, call_at) SELECT min(id), now() AT TIME ZONE 'UTC' FROM ir_cron`,
    )

  beforeAll(async () => {
    database = await createTestDatabase()
    await runOdoo(major, '-d', database.name, '-i', 'base', '--stop-after-init')
  })
  afterAll(() => database.drop())

  test('run in a threaded server once somebody has visited, at a notification', async () => {
    await using server = await startPool(major)
    await wake()
    const visitor = createVisitor(server.odoo.httpPort, database.name)
    await visitor.get('/web/login')
    expect(await runs()).toBe(0)
    await wake()
    await expect.poll(runs, patience).toBe(2)
    const overdue = `SELECT count(*)::int AS jobs FROM ir_cron WHERE nextcall <= now() AT TIME ZONE 'UTC'`
    expect(await sql(database.name, overdue)).toEqual([{ jobs: 0 }])

    await trigger()
    await wake()
    await expect.poll(runs, patience).toBe(3)
    expect(await sql(database.name, 'SELECT FROM ir_cron_trigger')).toEqual([])
  })

  test('run in workers for whatever the role owns, visited or not', async () => {
    await using _server = await startPool(major, ['--workers=1'])
    const before = Number(await runs())
    await trigger()
    await expect
      .poll(async () => {
        await wake()
        return runs()
      }, patience)
      .toBe(before + 1)
  })

  test('rest while modules are changing', async () => {
    await using server = await startPool(major, ['--workers=1'])
    await sql(database.name, `UPDATE ir_module_module SET state = 'to upgrade' WHERE name = 'web'`)
    const before = await runs()
    await trigger()
    await expect
      .poll(async () => {
        await wake()
        return server.odoo.log()
      }, patience)
      .toContain(`Skipping database ${database.name}`)
    expect(await runs()).toBe(before)
  })
})
