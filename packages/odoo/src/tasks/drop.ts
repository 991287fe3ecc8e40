import { claimDatabaseName, standbyName, tombstoneDatabaseName } from '@pulse/api'
import Type from 'typebox'
import { type Connection, whileLocked, withConnection } from '../database/administration.ts'
import {
  endSessions,
  ForeignDatabaseError,
  type FoundDatabase,
  findByOid,
  remove,
} from '../database/databases.ts'
import { markDropped } from '../database/dropped.ts'
import { dropOwnerSession } from '../database/owner-session.ts'
import { dropRole, retireRole } from '../database/roles.ts'
import { type Claim, findClaim } from '../database/standbys.ts'
import { allowConnections } from '../database/statements.ts'
import {
  bury,
  findTombstone,
  forget,
  raiseSignalling,
  readSignalling,
} from '../database/tombstones.ts'
import { buryFilestore, discardFilestore, type FilestoreTarget } from '../filestore/place.ts'
import { discardOwnFiles } from '../templates/install.ts'
import { environmentUid, hosting, name } from './fields.ts'
import { clearUnfinished, isFilled } from './fill.ts'
import { purgeTombstone } from './purge.ts'
import type { TaskContext } from './task.ts'
import { withLock } from './with-lock.ts'

export const dropArgs = Type.Object({
  environment: name,
  environmentUid,
  hosting,
  database: name,
  role: name,
  filestoreClaim: Type.String({ minLength: 1, maxLength: 1024 }),
  retainDays: Type.Integer({ minimum: 0, maximum: 3650 }),
})
export type DropArgs = Type.Static<typeof dropArgs>

const dayMs = 86_400_000

/**
 * Takes an environment's database and filestore out of reach. A published one waits under its tombstone until it
 * expires; one that nobody ever reached goes at once. It waits for a claim of the same environment that is still at
 * work, and goes on wherever a killed run stopped.
 */
export async function drop(context: TaskContext, args: DropArgs): Promise<void> {
  await withLock(context, claimDatabaseName(args.environmentUid), (connection) =>
    dropLocked(context, connection, args),
  )
}

async function dropLocked(
  context: TaskContext,
  connection: Connection,
  args: DropArgs,
): Promise<void> {
  const { journal } = context
  await markDropped(connection, args.environmentUid)
  const claim = await findClaim(connection, args.environmentUid)
  if (claim === undefined) {
    await journal.step('clear', () => clearUnclaimed(context, connection, args))
    return
  }
  // Gone already where a run was killed, or an operator was quicker: the rest still has to go.
  const database = await findByOid(connection, claim.oid)
  if (claim.published) {
    await journal.step('bury', () => buryDatabase(context, connection, { args, claim, database }))
    // After the database, since a worker writes files only while it has one.
    await journal.step('filestore', () =>
      buryFilestore(context.filestore, targetOf(args), args.environmentUid),
    )
    if (args.retainDays === 0) await purgeTombstone(context, connection, args.environmentUid)
    return
  }
  await journal.step('filestore', async () => {
    await discardFilestore(context.filestore, targetOf(args), args.environmentUid)
    await discardOwnFiles(context.filestore, claim)
  })
  await journal.step('remove', async () => {
    if (database !== undefined) await remove(connection, database)
    await dropOwnerSession(connection, claimDatabaseName(args.environmentUid))
    if (claim.hosting === 'instance') await dropRole(connection, claim.role)
    await forget(connection, args.environmentUid)
  })
}

function targetOf(args: DropArgs): FilestoreTarget {
  return { claim: args.filestoreClaim, database: args.database }
}

/** Nothing was ever taken: only a filling for this very environment may have begun. */
async function clearUnclaimed(
  context: TaskContext,
  connection: Connection,
  args: DropArgs,
): Promise<void> {
  const standby = standbyName(args.environmentUid)
  await whileLocked(connection, standby, async () => {
    // Whole, it is a standby like any other and serves whoever comes next.
    if (await isFilled(connection, args.environmentUid)) return
    await clearUnfinished(context, connection, { id: args.environmentUid, hosting: args.hosting })
  })
}

/**
 * First the counter of the name, then no new connections, no login, no sessions, and last the new name: a run that is
 * killed in between leaves a database that nobody can enter.
 */
async function buryDatabase(
  context: TaskContext,
  connection: Connection,
  { args, claim, database }: { args: DropArgs; claim: Claim; database: FoundDatabase | undefined },
): Promise<void> {
  const { administration, now, signal } = context
  if ((await findTombstone(connection, args.environmentUid)) !== undefined) return
  const grave = tombstoneDatabaseName(args.environmentUid)
  const name = database?.name
  if (name !== undefined && name !== grave && name !== claim.database) {
    throw new ForeignDatabaseError(name)
  }
  if (name === claim.database && database?.acceptsConnections) {
    const read = (inner: Connection) => readSignalling(inner, claim.shape)
    const inside = { database: name, signal }
    const seen = await withConnection(administration, inside, read)
    await raiseSignalling(connection, claim.database, seen)
  }
  if (name !== undefined) await connection.query(allowConnections(name, false))
  // The role's name is free again with this, for the next environment of the label.
  if (claim.hosting === 'instance') await retireRole(connection, claim.role, grave)
  if (name !== undefined) await endSessions(connection, name)
  await bury(connection, name, {
    environmentUid: args.environmentUid,
    environment: args.environment,
    oid: claim.oid,
    database: claim.database,
    hosting: claim.hosting,
    role: claim.role,
    filestoreVolume: args.filestoreClaim,
    expiresAt: new Date(now().getTime() + args.retainDays * dayMs),
  })
}
