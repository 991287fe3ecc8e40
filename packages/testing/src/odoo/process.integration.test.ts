import { once } from 'node:events'
import { expect, test } from 'vitest'
import { createTestDatabase, testPostgres } from '../postgres.ts'
import { startStandIn } from '../stand-in.ts'
import { runOdoo, sql, startPool } from './site.testing.ts'
import { createVisitor } from './visitor.testing.ts'

test('an unknown option ends with status 2 and the usage', async () => {
  const { status, output } = await runOdoo('18', '--nonsense')
  expect(status).toBe(2)
  expect(output).toContain('no such option: --nonsense')
})

test('--version names the major that is played', async () => {
  expect((await runOdoo('17', '--version')).output).toContain('Odoo Server 17.0')
})

test('the log says at once that this is a stand-in and what brings the real one', async () => {
  const { output } = await runOdoo('19', 'neutralize')
  expect(output).toContain("Pulse's stand-in for Odoo 19")
  expect(output).toContain('pulse runtime install 19')
})

test('a database of another major is refused at start', async () => {
  await using database = await createTestDatabase()
  await runOdoo('17', '-d', database.name, '-i', 'base', '--stop-after-init')
  const { status, output } = await runOdoo('18', '-d', database.name, '--http-port=0')
  expect(status).toBe(255)
  expect(output).toContain(`Failed to initialize database \`${database.name}\``)
})

test('a database that was never initialised is refused at start', async () => {
  await using database = await createTestDatabase()
  const { status, output } = await runOdoo('18', '-d', database.name, '--http-port=0')
  expect(status).toBe(255)
  expect(output).toContain('not initialized')
})

test('a missing database that the role may not create ends the start with an error', async () => {
  const role = 'stand_in_no_createdb'
  await sql('postgres', `DROP ROLE IF EXISTS ${role}`)
  await sql('postgres', `CREATE ROLE ${role} LOGIN PASSWORD 'secret'`)
  // Pulse takes this right from everybody on the servers that it prepares, and gives it to tenants.
  await sql('postgres', `GRANT CONNECT ON DATABASE postgres TO ${role}`)
  const { host, port } = testPostgres()
  const environment = { PGHOST: host, PGPORT: String(port), PGUSER: role, PGPASSWORD: 'secret' }
  const options = { major: '18' as const, args: ['-d', 'missing.localhost'], environment }
  const odoo = await startStandIn(options).catch((error: Error) => error)
  if (odoo instanceof Error) throw odoo
  if (odoo.process.exitCode === null) await once(odoo.process, 'exit')
  expect(odoo.process.exitCode).toBe(255)
  expect(odoo.log()).toContain('does not exist')
  await sql('postgres', `DROP OWNED BY ${role}`)
  await sql('postgres', `DROP ROLE ${role}`)
})

test('SIGTERM lets a request of a moment end, cuts a long one, and exits 0', async () => {
  await using server = await startPool('18')
  const visitor = createVisitor(server.odoo.httpPort, '127.0.0.1')
  const short = visitor.get('/standin/sleep?seconds=0.5')
  const long = visitor.get('/standin/sleep?seconds=60').catch((error: Error) => error)
  await logged(server.odoo.log, 'sleeping 0.5 s')
  await logged(server.odoo.log, 'sleeping 60 s')
  expect(await server.odoo.stop()).toBe(0)
  expect((await short).text).toContain('slept')
  expect(await long).toBeInstanceOf(Error)
})

test('a second signal does not wait', async () => {
  await using server = await startPool('18', ['--workers=1', '--limit-time-real=600'])
  const visitor = createVisitor(server.odoo.httpPort, '127.0.0.1')
  const long = visitor.get('/standin/sleep?seconds=60').catch((error: Error) => error)
  await logged(server.odoo.log, 'sleeping 60 s')
  server.odoo.process.kill('SIGTERM')
  await logged(server.odoo.log, 'Stopping gracefully')
  server.odoo.process.kill('SIGTERM')
  await once(server.odoo.process, 'exit')
  expect(server.odoo.process.exitCode).toBe(0)
  expect(await long).toBeInstanceOf(Error)
})

test('each worker loads a database for itself', async () => {
  await using database = await createTestDatabase()
  await runOdoo('18', '-d', database.name, '-i', 'base', '--stop-after-init')
  await using server = await startPool('18', ['--workers=2', '--max-cron-threads=0'])
  const visitor = createVisitor(server.odoo.httpPort, database.name)
  for (let request = 0; request < 4; request += 1) await visitor.get('/web/login')
  expect(server.odoo.log().match(/Registry loaded/g)).toHaveLength(2)
})

test('a body streams through in both directions', async () => {
  await using server = await startPool('18')
  const visitor = createVisitor(server.odoo.httpPort, '127.0.0.1')
  const body = Buffer.alloc(3_000_000, 'x')
  expect((await visitor.post('/standin/echo', body)).body.equals(body)).toBe(true)
  expect((await visitor.get('/standin/stream?lines=3&every-ms=1')).text).toBe(
    'line 1\nline 2\nline 3\n',
  )
})

async function logged(log: () => string, text: string): Promise<void> {
  await expect.poll(log, { timeout: 30_000 }).toContain(text)
}
