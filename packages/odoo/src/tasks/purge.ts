import { claimDatabaseName, tombstoneDatabaseName } from '@pulse/api'
import Type from 'typebox'
import { type Connection, withConnection } from '../database/administration.ts'
import { findByOid, remove } from '../database/databases.ts'
import { dropRole } from '../database/roles.ts'
import { findTombstone, forget, listTombstones } from '../database/tombstones.ts'
import { removeBuriedFilestore } from '../filestore/place.ts'
import { environmentUid as uidField } from './fields.ts'
import type { TaskContext } from './task.ts'
import { withLock } from './with-lock.ts'

export const purgeArgs = Type.Object({
  /** One environment now; without it all whose time has come. */
  environmentUid: Type.Optional(uidField),
})
export type PurgeArgs = Type.Static<typeof purgeArgs>

/**
 * Removes for good what has expired. What is not under its tombstone's name is never dropped, and what cannot be
 * dropped holds up nothing behind it: the task fails at its end, and is tried again.
 */
export async function purge(context: TaskContext, args: PurgeArgs): Promise<void> {
  const { administration, now, signal, log } = context
  const database = administration.registerDatabase
  const all = await withConnection(administration, { database, signal }, listTombstones)
  const due = all.filter(({ environmentUid, expiresAt }) =>
    args.environmentUid === undefined ? expiresAt <= now() : environmentUid === args.environmentUid,
  )
  const failures: unknown[] = []
  for (const { environmentUid, environment, expiresAt } of due) {
    signal.throwIfAborted()
    try {
      await withLock(context, claimDatabaseName(environmentUid), (connection) =>
        purgeTombstone(context, connection, environmentUid),
      )
      log.info({ tombstone: environmentUid, environment, expiresAt }, 'tombstone dropped')
    } catch (error) {
      failures.push(error)
      log.warn({ err: error, tombstone: environmentUid, environment }, 'tombstone not dropped')
    }
  }
  if (failures.length === 0) return
  const [first] = failures
  const reason = first instanceof Error ? first.message : String(first)
  throw new Error(`${failures.length} of ${due.length} tombstones not dropped: ${reason}`, {
    cause: first,
  })
}

/** The row goes last: as long as anything is left, the next run finds it. */
export async function purgeTombstone(
  context: TaskContext,
  connection: Connection,
  environmentUid: string,
): Promise<void> {
  const tombstone = await findTombstone(connection, environmentUid)
  const grave = tombstoneDatabaseName(environmentUid)
  await context.journal.step('purge', async () => {
    const database =
      tombstone === undefined ? undefined : await findByOid(connection, tombstone.oid)
    if (database?.name === grave) await remove(connection, database)
    if (tombstone?.hosting === 'instance') await dropRole(connection, grave)
    await removeBuriedFilestore(context.filestore, environmentUid)
    if (tombstone !== undefined) await forget(connection, environmentUid)
  })
}
