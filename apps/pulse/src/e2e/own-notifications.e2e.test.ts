import { sql, type TestDatabase } from '@pulse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GuardedOdoo, startGuardedOdoo } from './guarded-odoo.suite.ts'
import { odooOrFixturesMissing as missing, odooSource } from './real-odoo.suite.ts'
import { restoreOdoo } from './restored-odoo.suite.ts'
import { createTenantRole } from './tenant-role.suite.ts'

const role = { name: 'own_notifications', password: 'secret' }
const notifications = 10
// In this time a server looks by itself, as Odoo does each minute, three times at most.
const hearingMs = 120_000
const testMs = 300_000

describe.skipIf(missing !== undefined)(`notifications of Odoo 18 (${missing ?? 'real'})`, () => {
  const databases: TestDatabase[] = []
  const nameOf = (index: number) => databases[index]?.name ?? ''

  beforeAll(async () => {
    await createTenantRole(role)
    for (let index = 0; index < 2; index += 1) {
      const database = await restoreOdoo(role.name)
      databases.push(database)
      await sql(database.name, 'UPDATE ir_cron SET active = false')
    }
  })
  afterAll(async () => {
    for (const database of databases) await database.drop()
    await sql('postgres', `DROP ROLE ${role.name}`)
  })

  test.each([0, 1])(
    'with %i workers: a server looks for due actions when its database is notified, and not for another',
    async (workers) => {
      await using notified = await start(workers, nameOf(0))
      await using other = await start(workers, nameOf(1))
      await listens(notified, nameOf(0))
      await listens(other, nameOf(1))
      const before = looks(other)
      const end = performance.now() + hearingMs
      for (let index = 0; index < notifications; index += 1) await heard(notified, nameOf(0), end)
      // Notifications come in their order: with its own it has heard all those of the neighbour.
      await heard(other, nameOf(1), end)
      // For its own, perhaps for one more from the beginning, and those that Odoo makes each minute anyway: with the
      // neighbour's ten it would be more than ten.
      expect(looks(other) - before).toBeLessThanOrEqual(5)
    },
    testMs,
  )

  const start = (workers: number, database: string) =>
    startGuardedOdoo(odooSource, role, workers, {}, [
      ...[`--database=${database}`, '--max-cron-threads=1'],
      '--log-handler=odoo.service.server:DEBUG',
    ])
})

/** Notifies until the server looks, as it may still be starting. */
async function listens(odoo: GuardedOdoo, database: string) {
  const looksOnceNotified = async () => {
    await notify(database)
    return looks(odoo)
  }
  await expect.poll(looksOnceNotified, { timeout: 60_000, interval: 500 }).toBeGreaterThan(0)
}

async function heard(odoo: GuardedOdoo, database: string, end: number) {
  const before = looks(odoo)
  await notify(database)
  const patience = { timeout: Math.max(1, end - performance.now()), interval: 50 }
  await expect.poll(() => looks(odoo), patience).toBeGreaterThan(before)
}

const notify = (database: string) =>
  sql('postgres', `SELECT pg_notify('cron_trigger', $1)`, [database])

const looks = (odoo: GuardedOdoo) => odoo.log().split('polling for jobs').length - 1
