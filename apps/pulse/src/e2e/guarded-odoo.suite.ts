import { type ChildProcess, spawn } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createVisitor, freePort, testPostgres, type Visitor } from '@pulse/testing'

const addons = join(import.meta.dirname, '../../../../odoo/addons')
const backendId = 'acme-prod.7'

export interface GuardedOdoo extends AsyncDisposable {
  readonly pid: number
  readonly httpPort: number
  /** Where websockets are: the HTTP port without workers. */
  readonly websocketPort: number
  /** The one header that this server accepts. */
  readonly identity: Record<string, string>
  /** As Pulse itself asks, not for a visitor. */
  readonly control: Record<string, string>
  readonly environment: Record<string, string>
  log(): string
  sessions(): Promise<number>
  visit(host: string): Visitor
}

/** A real Odoo 18 behind `plana_gateway`, as a pool worker: every database of the role, by its host. */
export async function startGuardedOdoo(
  source: string,
  role: { readonly name: string; readonly password: string },
  workers: number,
  more: Record<string, string> = {},
  moreArguments: readonly string[] = [],
): Promise<GuardedOdoo> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-guarded-'))
  const key = randomBytes(32)
  await writeFile(join(folder, 'key'), `${key.toString('hex')}\n`, { mode: 0o600 })
  await mkdir(join(folder, 'home'))
  const [httpPort, geventPort] = [await freePort(), await freePort()]
  const environment = {
    ...{ PATH: process.env.PATH ?? '', HOME: join(folder, 'home'), USER: 'odoo', LOGNAME: 'odoo' },
    ...{ PULSE_BACKEND_ID: backendId, PULSE_BACKEND_KEY_FILE: join(folder, 'key') },
    // A worker must not give up a client that a test keeps waiting.
    ODOO_HTTP_SOCKET_TIMEOUT: '60',
    ...more,
  }
  const child = spawn(
    process.env.PLANA_TEST_PYTHON ?? '/usr/bin/python3',
    [
      join(source, 'odoo-bin'),
      ...argumentsOf({ source, folder, httpPort, geventPort, workers, role }),
      ...moreArguments,
    ],
    { cwd: folder, env: environment, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const log = collect(child)
  const signed = (purpose: string) => ({
    'X-Pulse-Backend': `${backendId}.${createHmac('sha256', key).update(`${purpose}${backendId}`).digest('hex')}`,
  })
  await listening(child, [httpPort, ...(workers > 0 ? [geventPort] : [])], log)

  return {
    pid: child.pid ?? 0,
    httpPort,
    websocketPort: workers > 0 ? geventPort : httpPort,
    identity: signed(''),
    control: signed('control '),
    environment,
    log,
    sessions: async () => (await sessionFiles(join(folder, 'data/sessions'))).length,
    visit: (host) => createVisitor(httpPort, host),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        // The second signal does not wait for what still runs.
        child.kill('SIGTERM')
        const gone = once(child, 'exit')
        await Promise.race([gone, delay(5_000)])
        if (child.exitCode === null) child.kill('SIGTERM')
        await gone
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Runs Odoo to its end with an environment that may lack what it needs. */
export async function runUnguarded(source: string, environment: Record<string, string>) {
  const child = spawn(
    process.env.PLANA_TEST_PYTHON ?? '/usr/bin/python3',
    [join(source, 'odoo-bin'), ...modulesOf(source), '--http-interface=127.0.0.1', '--http-port=1'],
    {
      cwd: tmpdir(),
      env: {
        PATH: process.env.PATH,
        HOME: tmpdir(),
        USER: 'odoo',
        LOGNAME: 'odoo',
        ...environment,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  const log = collect(child)
  const [status]: unknown[] = await once(child, 'close')
  return { status, log: log() }
}

/** A request that runs until its body is completed: its head and half of its body are sent now. */
export async function sendSlowly(
  port: number,
  host: string,
  headers: Record<string, string>,
): Promise<{ finish(): Promise<string>; lost: Promise<string> }> {
  const body = 'login=nobody&password=nothing'
  const lines = [
    'POST /web/login HTTP/1.1',
    `Host: ${host}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ]
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk) => (answer += chunk.toString('latin1')))
  socket.on('error', () => undefined)
  const ended = once(socket, 'close').then(() => answer)
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body.slice(0, 5)}`)
  return {
    finish() {
      socket.write(body.slice(5))
      return ended
    },
    lost: ended,
  }
}

/** What a server answers to a WebSocket's handshake; a refused one must also be hung up on. */
export async function shakeHands(
  port: number,
  host: string,
  headers: Record<string, string>,
): Promise<string> {
  const lines = [
    'GET /websocket?version=18.0-5 HTTP/1.1',
    ...[`Host: ${host}`, `Origin: http://${host}`, 'Upgrade: websocket', 'Connection: Upgrade'],
    ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ]
  const socket = connect(port, '127.0.0.1')
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  const [head]: Buffer[] = await once(socket, 'data')
  const answer = head?.toString('latin1') ?? ''
  if (!answer.includes(' 101 ')) await once(socket, 'close')
  socket.destroy()
  return answer
}

function argumentsOf(given: {
  readonly source: string
  readonly folder: string
  readonly httpPort: number
  readonly geventPort: number
  readonly workers: number
  readonly role: { readonly name: string; readonly password: string }
}): readonly string[] {
  const { source, folder, httpPort, geventPort, workers, role } = given
  const { host, port } = testPostgres()
  return [
    ...modulesOf(source),
    ...[`--db_host=${host}`, `--db_port=${port}`, `--db_user=${role.name}`],
    `--db_password=${role.password}`,
    ...['--http-interface=127.0.0.1', `--http-port=${httpPort}`, `--gevent-port=${geventPort}`],
    ...[`--data-dir=${join(folder, 'data')}`, '--db-filter=^%h$', '--no-database-list'],
    ...['--proxy-mode', `--workers=${workers}`, '--max-cron-threads=0'],
    // Address space, of which threads and arenas take much more than memory.
    ...['--limit-memory-soft=8589934592', '--limit-memory-hard=10737418240'],
    '--log-handler=odoo.sql_db:DEBUG',
  ]
}

function modulesOf(source: string): readonly string[] {
  return [
    `--addons-path=${[join(source, 'odoo/addons'), join(source, 'addons'), addons].join(',')}`,
    '--load=base,web,plana_gateway',
  ]
}

function collect(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  return () => text
}

async function listening(child: ChildProcess, ports: readonly number[], log: () => string) {
  const missing = new Set(ports)
  for (let attempt = 0; attempt < 2400 && missing.size > 0; attempt += 1) {
    if (child.exitCode !== null) break
    for (const port of missing) if (await accepts(port)) missing.delete(port)
    await delay(25)
  }
  if (missing.size > 0) throw new Error(`Odoo does not listen:\n${log()}`)
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

async function sessionFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}
