import { ownerSessionName } from '@pulse/api'
import { type Administration, type Connection, inTransaction } from './administration.ts'
import { dropRole } from './roles.ts'
import { makePassword, scramVerifier } from './secrets.ts'
import {
  allowLogin,
  asynchronousCommit,
  createRole,
  dropIdleRole,
  grantConnect,
  grantRole,
} from './statements.ts'

export interface OwnerSession {
  readonly database: string
  /** The role that owns what lies in it. */
  readonly owner: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Works in a database whose content is not ours. Triggers, views and functions run with the rights of who sets them
 * off, so an administrator must never: this session has a login of its own that may do what the owner may, and there is
 * nothing more it could become (`SET ROLE` could be undone from inside). `connection` is the administrator's.
 */
export async function asOwner<T>(
  administration: Administration,
  connection: Connection,
  { database, owner, signal }: OwnerSession,
  work: (inside: Connection) => Promise<T>,
): Promise<T> {
  const user = ownerSessionName(database)
  const password = makePassword()
  const verifier = await scramVerifier(password, 1)
  await dropOwnerSession(connection, database)
  await inPassing(connection, [
    createRole(user, verifier),
    allowLogin(user, true),
    grantRole(owner, user),
    grantConnect(database, user),
  ])
  try {
    const inside = await administration.connectAs({ user, password }, database, signal)
    try {
      return await work(inside)
    } finally {
      await inside.end().catch(() => undefined)
    }
  } finally {
    await inPassing(connection, [dropIdleRole(user)])
  }
}

/** What a crash may take away again: nobody waits for the disk. */
async function inPassing(connection: Connection, statements: readonly string[]): Promise<void> {
  await inTransaction(connection, () =>
    connection.query([asynchronousCommit, ...statements].join('; ')),
  )
}

/** Also what a killed run has left; nobody knows its password any more. */
export async function dropOwnerSession(connection: Connection, database: string): Promise<void> {
  await dropRole(connection, ownerSessionName(database))
}
