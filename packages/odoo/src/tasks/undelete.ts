import { claimDatabaseName, tombstoneDatabaseName } from '@pulse/api'
import Type from 'typebox'
import { inTransaction } from '../database/administration.ts'
import { ForeignDatabaseError, findByName, findByOid } from '../database/databases.ts'
import { forgetDropped } from '../database/dropped.ts'
import { roleExists } from '../database/roles.ts'
import {
  allowConnections,
  allowLogin,
  renameDatabase,
  renameRole,
  setOwner,
} from '../database/statements.ts'
import { findTombstone } from '../database/tombstones.ts'
import { unearthFilestore } from '../filestore/place.ts'
import { environmentUid } from './fields.ts'
import type { TaskContext } from './task.ts'
import { withLock } from './with-lock.ts'

export const undeleteArgs = Type.Object({
  environmentUid,
})
export type UndeleteArgs = Type.Static<typeof undeleteArgs>

/** Brings a deleted environment's database, role and files back under their old names. */
export async function undelete(context: TaskContext, args: UndeleteArgs): Promise<void> {
  const { journal } = context
  const { environmentUid } = args
  const grave = tombstoneDatabaseName(environmentUid)
  await withLock(context, claimDatabaseName(environmentUid), async (connection) => {
    const tombstone = await findTombstone(connection, environmentUid)
    if (tombstone === undefined) throw new Error(`no deleted environment has uid ${environmentUid}`)
    const { database, role, filestoreVolume } = tombstone
    if ((await findByName(connection, database)) !== undefined) {
      throw new ForeignDatabaseError(database)
    }
    if ((await findByOid(connection, tombstone.oid))?.name !== grave) {
      throw new Error(`the database of deleted environment ${environmentUid} is gone`)
    }
    await journal.step('filestore', () =>
      unearthFilestore(context.filestore, { claim: filestoreVolume, database }, environmentUid),
    )
    const ownRole = tombstone.hosting === 'instance' && (await roleExists(connection, grave))
    await journal.step('publish', () =>
      inTransaction(connection, async () => {
        await connection.query(
          [
            renameDatabase(grave, database),
            ...(ownRole ? [renameRole(grave, role), allowLogin(role, true)] : []),
            setOwner(database, role),
            allowConnections(database, true),
          ].join('; '),
        )
        await connection.query('DELETE FROM odoo.tombstone WHERE environment_uid = $1', [
          environmentUid,
        ])
        await forgetDropped(connection, environmentUid)
      }),
    )
  })
}
