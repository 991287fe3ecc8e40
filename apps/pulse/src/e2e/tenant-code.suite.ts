/**
 * A program that stands for a tenant's code: tries what the JSON on its standard input says, and writes for each what
 * came of it, `done` or the error.
 */
import { readFile } from 'node:fs/promises'
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
  /** Paths, each the name of its outcome. */
  readonly files: readonly string[]
}

if (import.meta.main) {
  const { logins, files }: Attempts = JSON.parse(await text(process.stdin))
  const outcomes: Record<string, string> = {}
  for (const [name, login] of Object.entries(logins)) outcomes[name] = await told(logIn(login))
  for (const path of files) outcomes[path] = await told(readFile(path))
  process.stdout.write(JSON.stringify(outcomes))
}

async function logIn({ database, statement = 'SELECT 1', ...server }: Login): Promise<unknown> {
  const administration = createAdministration({ admin: server, tenant: server })
  return await withConnection(administration, { database }, (connection) =>
    connection.query(statement),
  )
}

async function told(attempt: Promise<unknown>): Promise<string> {
  return await attempt.then(
    () => 'done',
    (error: Error) => error.message,
  )
}
