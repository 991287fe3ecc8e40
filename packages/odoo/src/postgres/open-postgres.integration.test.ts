import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log } from '@pulse/api'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findAddress } from './loopback.suite.ts'
import { openPostgres, type Postgres } from './open-postgres.ts'

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
}

let stateDir: string
let listenAddress: string
let server: Postgres

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'pulse-pg-'))
  await chmod(stateDir, 0o711)
  listenAddress = await findAddress()
  server = await openPostgres({ stateDir, listenAddress, log: silent })
})

afterAll(async () => {
  await server.stop()
  await rm(stateDir, { recursive: true, force: true })
})

async function ask(config: pg.ClientConfig, statement: string): Promise<unknown> {
  const client = new pg.Client({ ...config, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query({ text: statement, rowMode: 'array' })
    return rows[0]?.[0]
  } finally {
    await client.end()
  }
}

test('the administrator comes in by the socket without a password, and the encoding is UTF8', async () => {
  expect(await ask({ ...server.admin, database: 'postgres' }, 'SELECT current_user')).toBe('pulse')
  expect(await ask({ ...server.admin, database: 'postgres' }, 'SHOW server_encoding')).toBe('UTF8')
  expect((await stat(join(stateDir, 'postgres/run'))).mode & 0o777).toBe(0o700)
})

test('nobody is the administrator by TCP, and a role needs its password', async () => {
  const tcp = { ...server.tenant, database: 'postgres' }
  await expect(ask({ ...tcp, user: 'pulse', password: 'x' }, 'SELECT 1')).rejects.toThrow(
    /rejects connection|pg_hba/,
  )
  await ask({ ...server.admin, database: 'postgres' }, "CREATE ROLE trial LOGIN PASSWORD 'right'")
  await expect(ask({ ...tcp, user: 'trial', password: 'wrong' }, 'SELECT 1')).rejects.toThrow(
    /password authentication failed/,
  )
  expect(await ask({ ...tcp, user: 'trial', password: 'right' }, 'SELECT 1')).toBe(1)
})

test('its data folder is told; that of an external server is not known', async () => {
  const admin = { ...server.admin, database: 'postgres' }
  expect(server.dataFolder).toBe(await ask(admin, 'SHOW data_directory'))
  await ask(admin, "CREATE ROLE outside SUPERUSER LOGIN PASSWORD 'right'")
  const { host, port } = server.tenant
  const url = `postgres://outside:right@${host}:${port}/postgres`
  const external = await openPostgres({ stateDir, listenAddress, url, log: silent })
  expect(external.dataFolder).toBeUndefined()
})

test('a running server is adopted, with its sessions', async () => {
  const client = new pg.Client({ ...server.admin, database: 'postgres' })
  await client.connect()
  const again = await openPostgres({ stateDir, listenAddress, log: silent })
  expect(again.adopted).toBe(true)
  expect((await client.query('SELECT 1')).rowCount).toBe(1)
  await client.end()
})

test('after a crash the pid file of the dead server is no obstacle', async () => {
  const pidFile = join(stateDir, 'postgres/data/postmaster.pid')
  const [pid = '0'] = (await readFile(pidFile, 'utf8')).split('\n')
  const content = await readFile(pidFile, 'utf8')
  await server.stop()
  // The number belongs to a living stranger now: this very process.
  await writeFile(pidFile, content.replace(pid, String(process.pid)))
  await chmod(pidFile, 0o644)
  server = await openPostgres({ stateDir, listenAddress, log: silent })
  expect(server.adopted).toBe(false)
  expect(await ask({ ...server.admin, database: 'postgres' }, 'SELECT 1')).toBe(1)
})

test('a server that was killed comes back by itself, with its data and on its address', async () => {
  await ask({ ...server.admin, database: 'postgres' }, 'CREATE TABLE kept AS SELECT 7 AS number')
  const pid = Number(await readFile(pidFile(), 'utf8').then((text) => text.split('\n')[0]))
  const halt = new AbortController()
  const { promise: isUp, resolve } = Promise.withResolvers<void>()
  const kept = server.keepRunning({
    signal: halt.signal,
    onChange: (state) => state === 'up' && resolve(),
  })
  process.kill(pid, 'SIGKILL')
  await isUp
  halt.abort()
  await kept
  expect(await ask({ ...server.admin, database: 'postgres' }, 'SELECT number FROM kept')).toBe(7)
})

const pidFile = () => join(stateDir, 'postgres/data/postmaster.pid')

test('an address that is not on this machine is told as such', async () => {
  const other = await mkdtemp(join(tmpdir(), 'pulse-pg-'))
  await chmod(other, 0o711)
  try {
    // Of a range for documentation (RFC 5737): no machine has it.
    await expect(
      openPostgres({ stateDir: other, listenAddress: '192.0.2.1', log: silent }),
    ).rejects.toThrow('192.0.2.1 is no address of this machine')
  } finally {
    await rm(other, { recursive: true, force: true })
  }
})

test('another server on the address is named in the error', async () => {
  const other = await mkdtemp(join(tmpdir(), 'pulse-pg-'))
  await chmod(other, 0o711)
  const busy = createServer().listen(0, listenAddress)
  await new Promise((resolve) => busy.once('listening', resolve))
  const address = busy.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  try {
    await expect(
      openPostgres({ stateDir: other, listenAddress, port, log: silent }),
    ).rejects.toThrow(`another server listens on ${listenAddress}:${port}`)
  } finally {
    busy.close()
    await rm(other, { recursive: true, force: true })
  }
})

test.skipIf(process.getuid?.() !== 0)(
  'a state directory that the server cannot enter is named with the remedy (needs root)',
  async () => {
    const closed = await mkdtemp(join(tmpdir(), 'pulse-pg-'))
    try {
      await expect(
        openPostgres({ stateDir: join(closed, 'state'), listenAddress, log: silent }),
      ).rejects.toThrow(`chmod a+x ${closed}`)
    } finally {
      await rm(closed, { recursive: true, force: true })
    }
  },
)
