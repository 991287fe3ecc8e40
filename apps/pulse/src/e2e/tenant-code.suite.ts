/**
 * A program that stands for a tenant's code: tries what the JSON on its standard input says, and writes for each what
 * came of it, `done` or the error.
 */
import { once } from 'node:events'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { createAdministration, withConnection } from '@pulse/odoo'

export interface Login {
  /** An address, or the folder of a socket. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  readonly statement?: string
}

export interface Attempts {
  /** By the names of their outcomes. */
  readonly logins: Readonly<Record<string, Login>>
  /** Paths to read, each the name of its outcome: a file, or what is in a folder. */
  readonly files: readonly string[]
  /** Paths to write. */
  readonly writes?: readonly string[]
  /** By the names of their outcomes: who could be sent a signal. */
  readonly signals?: Readonly<Record<string, number>>
  /** By the names of their outcomes: who takes a connection. */
  readonly doors?: Readonly<Record<string, Door>>
}

export interface Door {
  readonly host: string
  readonly port: number
}

const doorMs = 3_000

if (import.meta.main) {
  const attempts: Attempts = JSON.parse(await text(process.stdin))
  const { logins, files, writes = [], signals = {}, doors = {} } = attempts
  const outcomes: Record<string, string> = {}
  for (const [name, login] of Object.entries(logins)) outcomes[name] = await told(logIn(login))
  for (const path of files) outcomes[path] = await told(read(path))
  for (const path of writes) outcomes[path] = await told(writeFile(path, ''))
  for (const [name, pid] of Object.entries(signals)) outcomes[name] = await told(signal(pid))
  for (const [name, door] of Object.entries(doors)) outcomes[name] = await told(enter(door))
  process.stdout.write(JSON.stringify(outcomes))
}

async function logIn({ database, statement = 'SELECT 1', ...server }: Login): Promise<unknown> {
  const administration = createAdministration({ admin: server, tenant: server })
  return await withConnection(administration, { database }, (connection) =>
    connection.query(statement),
  )
}

async function read(path: string): Promise<unknown> {
  const isFolder = (await stat(path)).isDirectory()
  return isFolder ? await readdir(path) : await readFile(path)
}

/** None is sent: it is only asked whether one could be. */
async function signal(pid: number): Promise<unknown> {
  return process.kill(pid, 0)
}

async function enter(door: Door): Promise<unknown> {
  const socket = connect(door)
  try {
    return await once(socket, 'connect', { signal: AbortSignal.timeout(doorMs) })
  } finally {
    socket.destroy()
  }
}

async function told(attempt: Promise<unknown>): Promise<string> {
  return await attempt.then(
    () => 'done',
    (error: Error) => error.message,
  )
}
