import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type RunningPostgres, startTestPostgres } from '@pulse/testing'
import { expect, onTestFinished, test } from 'vitest'
import { createAdministration, withConnection } from './administration.ts'
import { prepareServer } from './register.ts'

const run = promisify(execFile)
const scripts = join(import.meta.dirname, '../../../../infra/machine')

async function serverOfTest(): Promise<RunningPostgres> {
  const server = await startTestPostgres()
  onTestFinished(() => server.stop())
  return server
}

function administrationOf({ socketFolder, host, port, user }: RunningPostgres) {
  return createAdministration({ admin: { host: socketFolder, port, user }, tenant: { host, port } })
}

async function query(server: RunningPostgres, database: string, sql: string) {
  return await withConnection(administrationOf(server), { database }, (connection) =>
    connection.query(sql),
  )
}

async function runScript(name: string, args: readonly string[], server: RunningPostgres) {
  const env = {
    PATH: process.env.PATH,
    PGHOST: server.socketFolder,
    PGPORT: String(server.port),
    PGUSER: server.user,
  }
  await run(join(scripts, name), [...args], { env, timeout: 60_000 })
}

test('what was saved while it ran is there again on another server: resources, roles, tenants and files', {
  timeout: 180_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pulse-backup-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [before, after] = [await serverOfTest(), await serverOfTest()]
  await prepareServer(administrationOf(before))
  await query(before, 'postgres', "CREATE ROLE plana_acme LOGIN PASSWORD 'kept'")
  await query(before, 'postgres', 'CREATE DATABASE "acme.localhost" OWNER plana_acme')
  await query(before, 'acme.localhost', 'CREATE TABLE res_users AS SELECT 7 AS id')
  await query(
    before,
    'pulse',
    `INSERT INTO odoo.claim SELECT 'uid', oid, datname, 'basic-18', 'pool', 'plana_acme', '{}', 'x',
       'acme.localhost', NULL, NULL, 'uuid', 1, 1 FROM pg_database WHERE datname = 'acme.localhost';
     INSERT INTO odoo.standby VALUES ('s', 1, 'basic-18', 'pool', 'plana_acme', '{}', 'x', 'f', 'p', NULL, 1)`,
  )
  await query(before, 'postgres', 'CREATE DATABASE "basic-template-18.localhost" OWNER plana_acme')
  await query(before, 'basic-template-18.localhost', 'CREATE TABLE res_lang AS SELECT 3 AS id')
  await query(
    before,
    'postgres',
    'ALTER DATABASE "basic-template-18.localhost" IS_TEMPLATE true ALLOW_CONNECTIONS false',
  )
  await query(
    before,
    'pulse',
    `INSERT INTO odoo.template VALUES ('basic-template-18.localhost', 'basic', '18', 'plana_acme', '{}')`,
  )
  const state = join(folder, 'state')
  mkdirSync(join(state, 'ca'), { recursive: true })
  mkdirSync(join(state, 'volumes/acme'), { recursive: true })
  writeFileSync(join(state, 'ca/ca.key'), 'the key')
  writeFileSync(join(state, 'volumes/acme/file'), 'content')
  writeFileSync(join(state, 'running.json'), 'of this machine')

  const backup = join(folder, 'backup')
  await runScript('save-state.sh', [state, backup], before)
  await runScript('restore-state.sh', [backup, state], after)
  // As after a restore that broke off.
  await runScript('restore-state.sh', [backup, state], after)

  expect(await query(after, 'acme.localhost', 'SELECT id FROM res_users')).toEqual([{ id: 7 }])
  const claims = `SELECT database, datname, rolname FROM odoo.claim
    JOIN pg_database USING (oid) JOIN pg_roles ON pg_roles.oid = datdba`
  expect(await query(after, 'pulse', claims)).toEqual([
    { database: 'acme.localhost', datname: 'acme.localhost', rolname: 'plana_acme' },
  ])
  expect(await query(after, 'pulse', 'SELECT id FROM odoo.standby')).toEqual([])
  const templates = `SELECT datistemplate, datallowconn, datconnlimit FROM pg_database
    WHERE datname = 'basic-template-18.localhost'`
  expect(await query(after, 'postgres', templates)).toEqual([
    { datistemplate: true, datallowconn: false, datconnlimit: -1 },
  ])
  await query(after, 'postgres', 'CREATE DATABASE cloned TEMPLATE "basic-template-18.localhost"')
  expect(await query(after, 'cloned', 'SELECT id FROM res_lang')).toEqual([{ id: 3 }])
  const passwords = "SELECT rolpassword FROM pg_authid WHERE rolname = 'plana_acme'"
  expect(await query(after, 'postgres', passwords)).toEqual(
    await query(before, 'postgres', passwords),
  )
  const laid = join(folder, 'laid')
  mkdirSync(laid)
  await run('tar', ['-C', laid, '-xzf', join(backup, 'files.tar.gz')])
  expect(readFileSync(join(laid, 'ca/ca.key'), 'utf8')).toBe('the key')
  expect(readFileSync(join(laid, 'volumes/acme/file'), 'utf8')).toBe('content')
  expect(() => readFileSync(join(laid, 'running.json'))).toThrow('ENOENT')
})

test('a backup that breaks off leaves the one before', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pulse-backup-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const server = await serverOfTest()
  const backup = join(folder, 'backup')
  mkdirSync(backup)
  writeFileSync(join(backup, 'pulse.dump'), 'the one before')
  await expect(runScript('save-state.sh', [folder, backup], server)).rejects.toThrow('pulse')
  expect(readFileSync(join(backup, 'pulse.dump'), 'utf8')).toBe('the one before')
})
