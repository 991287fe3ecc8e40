import { standbyName } from '@pulse/api'
import Type from 'typebox'
import { type Connection, whileLocked, withConnection } from '../database/administration.ts'
import { findByOid, remove } from '../database/databases.ts'
import { dropRole } from '../database/roles.ts'
import { discardOwnFiles } from '../templates/install.ts'
import { edition, major } from './fields.ts'
import { templateKey } from './fill.ts'
import type { TaskContext } from './task.ts'

export const standbyDropArgs = Type.Object({
  edition,
  major,
})
export type StandbyDropArgs = Type.Static<typeof standbyDropArgs>

/** Removes all standbys of a template, which a new template makes stale. Whoever claims one at this moment keeps it. */
export async function standbyDrop(context: TaskContext, args: StandbyDropArgs): Promise<void> {
  const { administration, journal, signal } = context
  const database = administration.registerDatabase
  await withConnection(administration, { database, signal }, (connection) =>
    journal.step('remove', () => dropStandbys(context, connection, args)),
  )
}

/** Marked as stale nobody can claim them; the row goes last, so that a killed run finds it again. */
export async function dropStandbys(
  { filestore: places }: Pick<TaskContext, 'filestore'>,
  connection: Connection,
  args: Pick<StandbyDropArgs, 'edition' | 'major'>,
): Promise<void> {
  const mark = `stale ${templateKey(args)}`
  await connection.query('UPDATE odoo.standby SET template = $2 WHERE template = $1', [
    templateKey(args),
    mark,
  ])
  const stale = await connection.query(
    'SELECT id, oid, hosting, origin, filestore FROM odoo.standby WHERE template = $1',
    [mark],
  )
  for (const { id, oid, hosting, origin, filestore } of stale) {
    const name = standbyName(String(id))
    await whileLocked(connection, name, async () => {
      const database = await findByOid(connection, Number(oid))
      if (database?.name === name) await remove(connection, database)
      if (hosting === 'instance') await dropRole(connection, name)
      await discardOwnFiles(places, { origin: String(origin), filestore: String(filestore) })
      await connection.query('DELETE FROM odoo.standby WHERE id = $1', [id])
    })
  }
}
