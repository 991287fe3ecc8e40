import {
  createTestDatabase,
  type FixtureName,
  fixturesMissing,
  type RunningPostgres,
  restoreFixture,
  startTestPostgres,
  type TestDatabase,
} from '@pulse/testing'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAdministration } from '../database/administration.ts'
import { forEver, takeOver } from '../database/hostile-functions.suite.ts'
import { prepareServer } from '../database/register.ts'
import { createTenantReader, readerRole } from '../database/tenant-reader.ts'
import { checkedActions } from './checked-actions.ts'
import { createDatabaseCalendar, type DatabaseCalendar } from './cron-calendar.ts'
import { rowsWithWork } from './rows-with-work.suite.ts'

const minute = 60_000
const owner = 'tenant_of_schedules'

describe.skipIf(fixturesMissing !== undefined)(`schedules (${fixturesMissing ?? 'real'})`, () => {
  let server: RunningPostgres
  let calendar: DatabaseCalendar
  const signal = () => AbortSignal.timeout(60_000)
  const read = (database: string, now = Date.now()) =>
    calendar.read(database, { now, signal: signal() })
  const place = () => ({ host: server.socketFolder, port: server.port, user: server.user })

  /** As the superuser, without foreign keys in the way. */
  async function ask(database: string, text: string, values: readonly unknown[] = []) {
    const client = new pg.Client({ ...place(), database })
    await client.connect()
    try {
      await client.query('SET session_replication_role = replica')
      return (await client.query<Record<string, unknown>>(text, [...values])).rows
    } finally {
      await client.end()
    }
  }

  async function restore(fixture: FixtureName): Promise<TestDatabase> {
    const database = await createTestDatabase(server)
    await ask('postgres', `REVOKE ALL ON DATABASE ${database.name} FROM PUBLIC`)
    await ask('postgres', `ALTER DATABASE ${database.name} OWNER TO ${owner}`)
    await ask(database.name, `ALTER SCHEMA public OWNER TO ${owner}`)
    await restoreFixture(fixture, database, server, owner)
    return database
  }

  /** Only this action is due, and has run an interval ago. */
  async function makeDue(database: string, action: string) {
    const [module = '', name = ''] = action.split('.')
    await ask(database, 'DELETE FROM ir_cron_trigger')
    await ask(
      database,
      `UPDATE ir_cron SET active = true, nextcall = now() AT TIME ZONE 'UTC' + interval '20 hours',
         lastcall = now() AT TIME ZONE 'UTC' - interval '1 hour'`,
    )
    await ask(
      database,
      `UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' - interval '1 minute'
       WHERE id = (SELECT res_id FROM ir_model_data WHERE model = 'ir.cron' AND module = $1 AND name = $2)`,
      [module, name],
    )
  }

  beforeAll(async () => {
    server = await startTestPostgres()
    const access = { admin: place(), tenant: { host: server.host, port: server.port } }
    await prepareServer(createAdministration(access))
    await ask('postgres', `CREATE ROLE ${owner} LOGIN PASSWORD 'secret'`)
    calendar = createDatabaseCalendar(createTenantReader(access))
  })
  afterAll(() => server.stop())

  describe.each(['17', '18', '19'] as const)('of Odoo %s', (major) => {
    const entries = checkedActions.filter(({ majors }) => majors.includes(major))
    let database: TestDatabase
    beforeAll(async () => {
      database = await restore(`odoo${major}-biz`)
      // The fixtures' own digest is months overdue.
      await ask(database.name, 'UPDATE digest_digest SET next_run_date = current_date + 30')
    })

    test.each(entries)('$action wakes when $means', async (entry) => {
      await makeDue(database.name, entry.action)
      const empty = await read(database.name)
      expect(empty?.dueSince).toBeUndefined()
      expect(empty?.nextAt).toBeGreaterThan(Date.now())
      expect(empty?.nextAt).toBeLessThanOrEqual(Date.now() + 24 * 60 * minute)

      // A week after its last run it runs, whatever is there.
      const inAWeek = Date.now() + 7 * 24 * 60 * minute
      expect((await read(database.name, inAWeek))?.dueSince).toBeDefined()

      const rows = rowsWithWork(entry, major)
      for (const statement of rows.insert) await ask(database.name, statement)
      const full = await read(database.name)
      if (rows.insert.length > 0) expect(full?.dueSince).toBeLessThanOrEqual(Date.now())
      for (const statement of rows.remove) await ask(database.name, statement)
      expect((await read(database.name))?.dueSince).toBeUndefined()
    })
  })

  describe('of a database that is its tenant’s', () => {
    let database: TestDatabase
    const mail = 'mail.ir_cron_mail_scheduler_action'
    beforeAll(async () => {
      database = await restore('odoo18-biz')
    })

    test.each([
      ['its code is changed', `UPDATE ir_act_server SET code = code || E'\\nmodel.mine()'`],
      ['its kind is changed', `UPDATE ir_act_server SET state = 'webhook'`],
      ['it is unknown', `UPDATE ir_model_data SET name = name || '_mine' WHERE model = 'ir.cron'`],
      [
        'another module adds to its model',
        `INSERT INTO ir_model_data (module, name, model, res_id)
         SELECT 'my_mail', 'model_mail_mail', 'ir.model', id FROM ir_model WHERE model = 'mail.mail'`,
      ],
      [
        'it is asked for',
        `INSERT INTO ir_cron_trigger (cron_id, call_at)
         SELECT id, now() AT TIME ZONE 'UTC' FROM ir_cron WHERE nextcall < now() AT TIME ZONE 'UTC'`,
      ],
      ['what it looks at is gone', 'ALTER TABLE mail_mail RENAME TO my_mail'],
    ])('an action wakes when %s', async (_, change) => {
      await using own = await cloneOf(database.name)
      await makeDue(own.name, mail)
      expect((await read(own.name))?.dueSince).toBeUndefined()
      await ask(own.name, change)
      expect((await read(own.name))?.dueSince).toBeDefined()
    })

    test('inactive actions, and those whose calls are used up, are never due', async () => {
      await using own = await cloneOf(database.name)
      await ask(own.name, 'ALTER TABLE ir_cron ADD numbercall int')
      await ask(own.name, 'UPDATE ir_cron SET numbercall = 0')
      expect(await read(own.name)).toEqual({ dueSince: undefined, nextAt: undefined })
      await ask(own.name, 'UPDATE ir_cron SET numbercall = -1, active = false')
      expect(await read(own.name)).toEqual({ dueSince: undefined, nextAt: undefined })
    })

    test('a database that is gone is gone, and one that is no Odoo cannot be read', async () => {
      expect(await read('nowhere')).toBeUndefined()
      await using empty = await createTestDatabase(server)
      await expect(read(empty.name)).rejects.toThrow('cannot read the schedules')
    })

    test('what a tenant has put in the place of a table runs with no rights at all', async () => {
      await using own = await cloneOf(database.name)
      await makeDue(own.name, mail)
      const before = await ask('postgres', 'SELECT rolname FROM pg_roles WHERE rolsuper')
      await ask(own.name, trap)
      await ask(own.name, `ALTER TABLE ir_cron OWNER TO ${owner}`)
      const plan = await read(own.name)
      // It did run, or the view would have given nothing.
      expect(plan?.dueSince).toBeDefined()
      expect(await ask('postgres', 'SELECT rolname FROM pg_roles WHERE rolsuper')).toEqual(before)
      const members = await ask(
        'postgres',
        `SELECT m.roleid::regrole::text AS role FROM pg_auth_members m WHERE m.member = '${readerRole}'::regrole`,
      )
      expect(members).toEqual([{ role: 'pulse_tenant' }])
    })

    test('what would never end is ended', async () => {
      await using own = await cloneOf(database.name)
      await ask(own.name, 'ALTER TABLE ir_cron RENAME TO ir_cron_real')
      await ask(own.name, endless)
      await expect(read(own.name)).rejects.toThrow('cannot read the schedules')
      const sessions = () =>
        ask('postgres', 'SELECT pid FROM pg_stat_activity WHERE usename = $1', [readerRole])
      await expect.poll(sessions, { timeout: 10_000 }).toEqual([])
    })

    async function cloneOf(source: string): Promise<TestDatabase> {
      const database = await createTestDatabase(server)
      await ask('postgres', `DROP DATABASE ${database.name}`)
      await ask('postgres', `CREATE DATABASE ${database.name} TEMPLATE ${source} OWNER ${owner}`)
      return database
    }
  })
})

/** Answers as the table would, but only to who could not take anything. */
const trap = `
${takeOver(owner)}
ALTER TABLE ir_cron RENAME TO ir_cron_real;
CREATE VIEW ir_cron AS SELECT id, ir_actions_server_id, interval_number, interval_type, active, lastcall,
  now() AT TIME ZONE 'UTC' - interval '1 hour' AS nextcall FROM ir_cron_real WHERE take_over();
UPDATE ir_act_server SET code = 'mine';
GRANT SELECT ON ir_cron TO ${readerRole};
ALTER VIEW ir_cron SET (security_invoker = true);
GRANT SELECT ON ir_cron_real TO ${readerRole};
`

const endless = `
${forEver}
CREATE VIEW ir_cron AS SELECT * FROM ir_cron_real WHERE for_ever();
`
