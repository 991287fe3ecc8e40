import { rm } from 'node:fs/promises'
import { type Connection, inTransaction } from '../database/administration.ts'
import { endSessions, findByName, remove } from '../database/databases.ts'
import { dropRole } from '../database/roles.ts'
import {
  allowConnections,
  markTemplate,
  renameDatabase,
  renameRole,
} from '../database/statements.ts'
import { templateFilestore } from '../filestore/places.ts'
import type { TaskContext } from '../tasks/task.ts'
import type { TemplateArgs } from '../tasks/template.ts'
import { adoptFiles } from './filestore-archive.ts'
import { installationFilestore, workFolder } from './install.ts'
import { findTemplate, type TemplateDetails } from './register.ts'

/** Where the replaced template and its role wait for their removal. */
export function retiredName(unfinished: string): string {
  return `${unfinished}-retired`
}

/**
 * The finished template takes its name, its role's name, its row and its lock against connections in one transaction;
 * its predecessor steps aside in the same one. Files first: they are content-addressed, so more of them harm nobody.
 */
export async function publishTemplate(
  context: TaskContext,
  connection: Connection,
  options: {
    readonly args: TemplateArgs
    readonly unfinished: string
    readonly details: TemplateDetails
  },
): Promise<void> {
  const { args, unfinished, details } = options
  const { filestore } = context
  const files = await adoptFiles(
    installationFilestore(filestore, unfinished),
    templateFilestore(filestore, args.database),
  )
  const retired = retiredName(unfinished)
  const before = await findTemplate(connection, args)
  if (before !== undefined) await endSessions(connection, before.database)
  await endSessions(connection, unfinished)
  await inTransaction(connection, async () => {
    const aside =
      before === undefined
        ? []
        : [renameDatabase(before.database, retired), renameRole(before.role, retired)]
    await connection.query(
      [
        ...aside,
        renameDatabase(unfinished, args.database),
        renameRole(unfinished, args.database),
        markTemplate(args.database, true),
        allowConnections(args.database, false),
      ].join('; '),
    )
    await connection.query(
      `INSERT INTO odoo.template (database, edition, major, role, details) VALUES ($1, $2, $3, $1, $4)
       ON CONFLICT (edition, major) DO UPDATE SET database = excluded.database, role = excluded.role,
         details = excluded.details, created_at = now()`,
      [args.database, args.edition, args.major, JSON.stringify({ ...details, files })],
    )
  })
  const old = await findByName(connection, retired)
  if (old !== undefined) await remove(connection, old)
  await dropRole(connection, retired)
  await rm(workFolder(filestore, unfinished), { recursive: true, force: true })
}
