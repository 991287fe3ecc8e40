import { chmodSync, copyFileSync, mkdirSync, mkdtempSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAdministration, withConnection } from '@pulse/odoo'
import { type RunningPostgres, startTestPostgres } from '@pulse/testing'
import { expect, onTestFinished, test } from 'vitest'
import { pulseOfTest } from './pulse-under-test.suite.ts'
import { visit } from './tenant.suite.ts'

const fixture = join(import.meta.dirname, 'testdata/first-release')

/** What stood in a state folder of the first release after its server was killed. */
async function stateOfFirstRelease(): Promise<string> {
  const stateDir = mkdtempSync(join(tmpdir(), 'pulse-first-release-'))
  chmodSync(stateDir, 0o711)
  const pod = join(stateDir, 'pods/c1bce923-1f7f-4a79-922f-5b0159967e03')
  mkdirSync(pod, { recursive: true })
  copyFileSync(join(fixture, 'pod.json'), join(pod, 'pod.json'))
  copyFileSync(join(fixture, 'running.json'), join(stateDir, 'running.json'))
  // Ports of that time, and no port of metrics, which came later.
  const machine = { loopbackOctet: 44, postgresPort: 5432, httpPort: 18_181, apiPort: 16_543 }
  await writeFile(join(stateDir, 'machine.json'), JSON.stringify(machine))
  return stateDir
}

async function query(server: RunningPostgres, database: string, sql: string) {
  const { socketFolder, host, port, user } = server
  const administration = createAdministration({
    admin: { host: socketFolder, port, user },
    tenant: { host, port },
  })
  return await withConnection(administration, { database }, (connection) => connection.query(sql))
}

test('the state of the first release is carried on: its tenant is made and served, and its register kept', async () => {
  const server = await startTestPostgres()
  onTestFinished(() => server.stop())
  await query(server, 'postgres', 'CREATE DATABASE pulse')
  await query(server, 'pulse', await readFile(join(fixture, 'pulse.sql'), 'utf8'))
  const { user, password, host, port } = server
  const pulse = await pulseOfTest({
    stateDir: await stateOfFirstRelease(),
    env: { PLANA_DATABASE_URL: `postgres://${user}:${password}@${host}:${port}/postgres` },
  })
  const waited = await pulse.pulse('wait', 'planaclient', 'demo', '--timeout', '110s')
  expect(waited).toMatchObject({ exitCode: 0 })
  const visitor = await visit(pulse, 'demo.localhost')
  const login = async () => (await visitor.get('/web/login')).status
  await expect.poll(login, { timeout: 30_000 }).toBe(200)
  const told = await pulse.pulse('get', 'planaclients', '-o', 'name')
  expect(told.stdout).toContain('demo')
  expect(await query(server, 'pulse', 'SELECT environment FROM odoo.tombstone')).toEqual([
    { environment: 'gone-prod' },
  ])
  const versions = 'SELECT version FROM odoo.schema_version ORDER BY version'
  expect(await query(server, 'pulse', versions)).toContainEqual({ version: 3 })
})
