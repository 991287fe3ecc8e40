import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { access, chmod, chown, constants, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from './free-port.ts'
import { keeperScript } from './kept-process.ts'
import { findPostgresBinaries } from './postgres-binaries.ts'

const run = promisify(execFile)
const superuser = 'postgres'

/**
 * A throw-away PostgreSQL for tests, without durability. Integration and e2e tests share one per run, started by
 * `vitest-postgres.ts`:
 *
 *     const database = await createTestDatabase()   // an empty database of its own
 *     const pool = new pg.Pool(database.connection) // Unix socket, superuser
 *     …
 *     await database.drop()                         // or: await using database = …
 *
 * `testPostgres()` is the server itself (host, port, superuser's password, program folder) for tests of roles and
 * TCP authentication (scram-sha-256). `startTestPostgres()` starts another one, for tests that stop or break it.
 */
export interface TestPostgres {
  /** Folder of the Unix socket, 0700; whoever reaches it is trusted. */
  readonly socketFolder: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** Where `initdb` and `postgres` are; client tools only when the system's own were found. */
  readonly programs: string
}

export interface TestDatabase extends AsyncDisposable {
  readonly name: string
  /** For `pg`: through the Unix socket, as superuser. */
  readonly connection: pg.ClientConfig
  /** The same through TCP with a password. */
  readonly url: string
  drop(): Promise<void>
}

export interface RunningPostgres extends TestPostgres, AsyncDisposable {
  stop(): Promise<void>
}

/** The server of this test run. */
export function testPostgres(): TestPostgres {
  const server = process.env.PULSE_TEST_POSTGRES
  if (server === undefined) {
    throw new Error('no test PostgreSQL: name the file *.integration.test.ts or *.e2e.test.ts')
  }
  return JSON.parse(server)
}

/** An empty database, of which nobody else knows the name. */
export async function createTestDatabase(
  server: TestPostgres = testPostgres(),
): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await asSuperuser(server, `CREATE DATABASE ${name}`)
  const drop = () => asSuperuser(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  return {
    name,
    connection: connectionTo(server, name),
    url: `postgres://${server.user}:${server.password}@${server.host}:${server.port}/${name}`,
    drop,
    [Symbol.asyncDispose]: drop,
  }
}

/** Starts a server of its own; it ends with `stop` and also when this process dies in any way. */
export async function startTestPostgres(): Promise<RunningPostgres> {
  const folder = await mkdtemp(join(await fastFolder(), 'pulse-test-'))
  await chmod(folder, 0o755)
  const programs = await findPostgresBinaries(folder)
  const account = await unprivilegedAccount()
  const password = randomBytes(12).toString('hex')
  await writeFile(join(folder, 'password'), password)
  if (account !== undefined) {
    for (const path of [folder, join(folder, 'password')]) {
      await chown(path, account.uid, account.gid)
    }
  }
  await chmod(folder, 0o700)
  await initialise(folder, programs, account)
  const { child, port } = await startServer(folder, programs, account)
  const stop = async () => {
    child.stdin?.end()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    await rm(folder, { recursive: true, force: true })
  }
  return {
    socketFolder: folder,
    host: '127.0.0.1',
    port,
    user: superuser,
    password,
    programs,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function connectionTo({ socketFolder, port, user }: TestPostgres, database: string) {
  return { host: socketFolder, port, user, database } satisfies pg.ClientConfig
}

async function asSuperuser(server: TestPostgres, statement: string): Promise<void> {
  const client = new pg.Client({
    ...connectionTo(server, 'postgres'),
    connectionTimeoutMillis: 10_000,
  })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** Memory when there is some: a test run writes a few hundred megabytes that nobody reads again. */
async function fastFolder(): Promise<string> {
  const usable = await access('/dev/shm', constants.W_OK).then(
    () => true,
    () => false,
  )
  return usable ? '/dev/shm' : tmpdir()
}

interface Account {
  readonly uid: number
  readonly gid: number
}

/** PostgreSQL refuses to run as root, and needs a user that has a passwd entry. */
async function unprivilegedAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const entries = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  const entry = ['postgres', 'nobody']
    .map((user) => entries.find(([name]) => name === user))
    .find((found) => found !== undefined)
  if (entry === undefined) throw new Error('PostgreSQL needs a user postgres or nobody')
  return { uid: Number(entry[2]), gid: Number(entry[3]) }
}

async function initialise(folder: string, programs: string, account?: Account): Promise<void> {
  const options = [
    ...['-D', join(folder, 'data'), '-U', superuser, '--no-sync', '--no-instructions'],
    ...['--encoding=UTF8', '--locale=C.UTF-8', `--pwfile=${join(folder, 'password')}`],
    ...['--auth-local=trust', '--auth-host=scram-sha-256'],
  ]
  await run(join(programs, 'initdb'), options, { ...account, cwd: folder, timeout: 60_000 })
}

/** Nothing here survives a crash of the machine, nor need it. */
const fastSettings = [
  ...['fsync=off', 'full_page_writes=off', 'synchronous_commit=off', 'wal_level=minimal'],
  ...['max_wal_senders=0', 'shared_buffers=64MB', 'max_connections=300', 'jit=off'],
]

async function startServer(folder: string, programs: string, account?: Account) {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const settings = [`listen_addresses=127.0.0.1`, `unix_socket_directories=${folder}`]
    const command = [
      ...[join(programs, 'postgres'), '-D', join(folder, 'data'), '-p', String(port)],
      ...[...fastSettings, ...settings].flatMap((setting) => ['-c', setting]),
    ]
    const child = spawn('/bin/sh', ['-c', keeperScript('INT'), folder, ...command], {
      ...account,
      cwd: folder,
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    const output = collect(child)
    if (await answers(child, folder, port)) {
      await writeFile(join(folder, 'started'), '')
      return { child, port }
    }
    if (attempt === 5 || !output().includes('Address already in use')) {
      throw new Error(`test PostgreSQL did not start:\n${output()}`)
    }
  }
}

function collect(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-4000)
  })
  return () => text
}

async function answers(child: ChildProcess, folder: string, port: number): Promise<boolean> {
  const server = {
    socketFolder: folder,
    port,
    user: superuser,
    host: '',
    password: '',
    programs: '',
  }
  for (let attempt = 0; attempt < 1200 && child.exitCode === null; attempt++) {
    const ready = await asSuperuser(server, 'SELECT 1').then(
      () => true,
      () => false,
    )
    if (ready) return true
    await delay(25)
  }
  return false
}
