import { type Connection, inTransaction, sqlState } from './administration.ts'
import { endSessions, ForeignDatabaseError, findByOid } from './databases.ts'
import type { Claim } from './standbys.ts'
import { allowLogin, grantConnect, renameDatabase, renameRole, setOwner } from './statements.ts'

const duplicateDatabase = '42P04'

/**
 * Brings a claimed database into reach, all in one transaction: its name, its owner, and the login of an instance's
 * role. Before it no tenant can connect; after it everything is complete.
 */
export async function publish(
  connection: Connection,
  claim: Claim,
  options: { readonly claimName: string; readonly role: string },
): Promise<void> {
  const { claimName, role } = options
  await endSessions(connection, claimName)
  try {
    await inTransaction(connection, async () => {
      const statements = [
        renameDatabase(claimName, claim.database),
        ...(claim.hosting === 'instance'
          ? [renameRole(claim.role, role), allowLogin(role, true)]
          : []),
        setOwner(claim.database, role),
        grantConnect(claim.database, role),
      ]
      await connection.query(statements.join('; '))
      await connection.query(
        'UPDATE odoo.claim SET published_at = now(), role = $2 WHERE environment_uid = $1',
        [claim.environmentUid, role],
      )
    })
  } catch (error) {
    if (sqlState(error) === duplicateDatabase) throw new ForeignDatabaseError(claim.database)
    throw error
  }
}

/** Secrets stand in the register only until they stand where they belong. */
export async function markDelivered(connection: Connection, environmentUid: string): Promise<void> {
  await connection.query(
    `UPDATE odoo.claim SET delivered_at = now(), admin_password = NULL, role_password = NULL
     WHERE environment_uid = $1`,
    [environmentUid],
  )
}

/** Fails unless the claimed database still stands there, whatever happened in between. */
export async function mustStand(connection: Connection, claim: Claim): Promise<string> {
  const database = await findByOid(connection, claim.oid)
  if (database !== undefined) return database.name
  throw new Error(
    `the database of environment ${claim.environmentUid} (${claim.database}) is gone from the server: restore it from a backup`,
  )
}
