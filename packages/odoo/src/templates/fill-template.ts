import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Connection, withConnection } from '../database/administration.ts'
import { serverVersion } from '../database/databases.ts'
import { asOwner } from '../database/owner-session.ts'
import { readShape, type Shape } from '../database/shape.ts'
import { FinalError, failureOf } from '../final-error.ts'
import { mustStillServe } from '../runtime/runtime.ts'
import type { TaskContext } from '../tasks/task.ts'
import type { TemplateArgs } from '../tasks/template.ts'
import { cleanTemplate } from './clean.ts'
import { dumpFormat } from './dump-file.ts'
import { settleAttachments, unpackFilestore, unpackManagerArchive } from './filestore-archive.ts'
import { installationFilestore, installInto, workFolder } from './install.ts'
import type { TemplateDetails } from './register.ts'
import { restoreCustom, restorePlain } from './restore.ts'
import { workAccess } from './work-access.ts'

/** Puts an Odoo into the empty unfinished database: from a dump with its files, or by an installation. */
export async function fillTemplate(
  context: TaskContext,
  connection: Connection,
  options: { readonly args: TemplateArgs; readonly unfinished: string },
): Promise<TemplateDetails> {
  const { args, unfinished } = options
  const { journal } = context
  if (args.action === 'install') {
    const { major, modules } = args
    await journal.step('install', () =>
      installInto(context, connection, { database: unfinished, major, modules }),
    )
  } else {
    await journal.step('restore', () => restore(context, connection, options))
  }
  return await journal.step('check', () => checkAndClean(context, connection, options))
}

async function restore(
  context: TaskContext,
  connection: Connection,
  { args, unfinished }: { args: TemplateArgs; unfinished: string },
): Promise<void> {
  if (args.dump === undefined) throw new Error('a template import needs --dump')
  const { administration, filestore, signal } = context
  const work = workFolder(filestore, unfinished)
  const files = installationFilestore(filestore, unfinished)
  await mkdir(files, { recursive: true, mode: 0o700 })
  const format = await dumpFormat(args.dump)
  const archive =
    format === 'zip'
      ? await unpackManagerArchive(args.dump, join(work, 'archive'), signal)
      : undefined
  const source = args.filestore ?? archive?.filestore
  if (source !== undefined) await unpackFilestore(source, files, signal)

  const access = await workAccess(context, connection, unfinished)
  const serverMajor = Math.floor((await serverVersion(connection)) / 10_000)
  const run = format === 'custom' ? restoreCustom : restorePlain
  await withConnection(administration, { database: unfinished, signal }, (administrator) =>
    run({
      dump: archive?.dump ?? args.dump ?? '',
      database: unfinished,
      access,
      administrator,
      serverMajor,
      workFolder: work,
      signal,
    }),
  )
}

async function checkAndClean(
  { administration, filestore, log, runtimes, signal }: TaskContext,
  connection: Connection,
  { args, unfinished }: { args: TemplateArgs; unfinished: string },
): Promise<TemplateDetails> {
  const place = { database: unfinished, signal }
  const shape = await asOwner(
    administration,
    connection,
    { ...place, owner: unfinished },
    async (inside) => {
      const shape = await readShape(inside).catch((cause: unknown) => {
        const reason = cause instanceof Error ? cause.message : String(cause)
        throw failureOf(`${args.dump ?? 'the installation'} cannot be a template: ${reason}`, {
          cause,
          isFinal: cause instanceof FinalError,
        })
      })
      mustBeMajor(shape, args)
      if (args.action === 'install') mustStillServe(runtimes, args.major, shape.version)
      await cleanTemplate(inside, args.major, shape)
      const files = installationFilestore(filestore, unfinished)
      const missing = await settleAttachments(inside, files)
      if (missing > 0) log.warn({ missing }, 'attachments of the template have no file')
      return shape
    },
  )
  const sizeBytes = await withConnection(administration, place, compact)
  return { version: shape.version, modules: shape.modules, sizeBytes, files: 0 }
}

/** PostgreSQL itself sees to it that functions of indexes run as their owner meanwhile. */
async function compact(administrator: Connection): Promise<number> {
  await administrator.query('VACUUM (ANALYZE)')
  const [row] = await administrator.query(
    'SELECT pg_catalog.pg_database_size(pg_catalog.current_database()) AS size',
  )
  return Number(row?.size)
}

function mustBeMajor({ version }: Shape, { major }: TemplateArgs): void {
  if (version.split('.')[0] === major) return
  throw new FinalError(
    `the database is of Odoo ${version}, not of ${major}: import it as that major`,
  )
}
