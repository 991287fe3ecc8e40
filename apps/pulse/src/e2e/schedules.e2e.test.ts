import type { ScheduleFact } from '@pulse/gateway'
import { fixturesMissing, sql, type TestDatabase } from '@pulse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGuardedOdoo } from './guarded-odoo.suite.ts'
import { type GuardedStandIn, startGuardedStandIn } from './guarded-stand-in.suite.ts'
import { odooMissing as noOdoo, odooSource } from './real-odoo.suite.ts'
import { restoreOdoo } from './restored-odoo.suite.ts'
import { keepPoolSchedules } from './schedules.suite.ts'
import { createTenantRole } from './tenant-role.suite.ts'

const missing = fixturesMissing
const role = { name: 'pool_of_schedules', password: 'secret' }
const withinAMinute = { timeout: 60_000, interval: 200 }

type Pool = Pick<GuardedStandIn, 'httpPort' | 'control' | typeof Symbol.asyncDispose>

describe.skipIf(missing !== undefined)(
  `schedules are kept (${missing ?? 'databases of Odoo 18'})`,
  () => {
    let database: TestDatabase

    beforeAll(async () => {
      await createTenantRole(role)
      database = await restoreOdoo(role.name)
      await sql('postgres', `REVOKE ALL ON DATABASE ${database.name} FROM PUBLIC`)
    })
    afterAll(async () => {
      await database.drop()
      await sql('postgres', `DROP ROLE ${role.name}`)
    })

    const pools: readonly (readonly [string, string | undefined, () => Promise<Pool>])[] = [
      ['the stand-in, threaded', undefined, () => startGuardedStandIn(role, 0)],
      ['the stand-in, with workers', undefined, () => startGuardedStandIn(role, 1)],
      ['Odoo 18, threaded', noOdoo, () => startGuardedOdoo(odooSource, role, 0)],
      ['Odoo 18, with workers', noOdoo, () => startGuardedOdoo(odooSource, role, 1)],
    ]

    describe.each(pools)('by %s', (_, why, start) => {
      test.skipIf(why !== undefined)(
        `a due action of a tenant whom nobody visits runs within a minute, also after a restart of the pool (${why ?? 'tried'})`,
        async () => {
          await planNothing()
          let pool = await start()
          const schedules = await keepPoolSchedules(() => ({
            origin: `http://127.0.0.1:${pool.httpPort}`,
            headers: pool.control,
          }))
          try {
            const { scheduler, facts } = schedules
            scheduler.know({ name: database.name, isAwake: false, minimumIntervalMs: 0 })
            await expect.poll(() => facts.filter(isRead).length, withinAMinute).toBeGreaterThan(0)
            expect(facts.filter(isRun)).toEqual([])

            await pool[Symbol.asyncDispose]()
            pool = await start()
            // No process knows the database now; what is due says so by notification.
            await planAction()
            await sql('postgres', `SELECT pg_notify('cron_trigger', $1)`, [database.name])
            await expect.poll(ran, withinAMinute).toBe(1)
            await expect.poll(() => facts.find(isRun), withinAMinute).toMatchObject({ jobs: 1 })
            expect(facts.find(isRun)?.lateMs).toBeLessThan(60_000)
            // It is left alone when nothing is due any more.
            await expect
              .poll(() => facts.findLast(isRead), withinAMinute)
              .toMatchObject({ isDue: false })
          } finally {
            await schedules[Symbol.asyncDispose]()
            await pool[Symbol.asyncDispose]()
          }
        },
      )
    })

    async function planNothing() {
      await sql(database.name, 'DELETE FROM ir_cron_trigger')
      await sql(
        database.name,
        `UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' + interval '1 day', lastcall = NULL`,
      )
    }

    /** Clean-up deletes triggers under its own feet, so the other one. */
    async function planAction() {
      await sql(
        database.name,
        `INSERT INTO ir_cron_trigger (cron_id, call_at)
       SELECT res_id, now() AT TIME ZONE 'UTC' FROM ir_model_data
       WHERE model = 'ir.cron' AND name = 'ir_cron_res_users_deletion'`,
      )
    }

    async function ran(): Promise<number> {
      const [row] = await sql(database.name, 'SELECT count(lastcall)::int AS ran FROM ir_cron')
      return Number(row?.ran)
    }
  },
)

const isRead = (fact: ScheduleFact) => fact.type === 'read'
const isRun = (fact: ScheduleFact) => fact.type === 'ran'
