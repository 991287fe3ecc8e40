import { rm } from 'node:fs/promises'
import { poolNames, standbyName, unfinishedDatabaseName } from '@pulse/api'
import Type from 'typebox'
import { type Connection, whileShared, withConnection } from '../database/administration.ts'
import { cloneFrom, findByName, openToAdministrator, remove } from '../database/databases.ts'
import { asOwner, dropOwnerSession } from '../database/owner-session.ts'
import { dropRole, ensureRole, ensureRoleWith, limitToPart } from '../database/roles.ts'
import { hashForOdoo, makePassword, scramVerifier } from '../database/secrets.ts'
import { readShape, type Shape } from '../database/shape.ts'
import { addStandby, type Hosting } from '../database/standbys.ts'
import { dropPrivileges, emptyDatabase, literal, reassignOwned } from '../database/statements.ts'
import { type FilestorePlaces, templateFilestore } from '../filestore/places.ts'
import { differences } from '../runtime/differences.ts'
import { canOpen, mustStillServe } from '../runtime/runtime.ts'
import { adoptFiles } from '../templates/filestore-archive.ts'
import {
  clearWork,
  installationFilestore,
  installInto,
  standbyFilestore,
} from '../templates/install.ts'
import { findTemplate, type Template } from '../templates/register.ts'
import { edition, hosting, major } from './fields.ts'
import type { TaskContext } from './task.ts'
import { withLock } from './with-lock.ts'

export const fillArgs = Type.Object({
  /** Names the standby: the same id again finishes what was begun. */
  id: Type.String({ pattern: '^[a-z0-9-]{1,40}$' }),
  edition,
  major,
  hosting,
})
export type FillArgs = Type.Static<typeof fillArgs>

/**
 * Makes one standby database (decision D10). Under the name of an unfinished one nobody but the administrator can
 * connect, and whatever a killed run left there is dropped first; its last step gives row and name together.
 */
export async function fill(context: TaskContext, args: FillArgs): Promise<void> {
  await withLock(context, standbyName(args.id), async (connection) => {
    if (await isFilled(connection, args.id)) return
    try {
      await fillFrom(context, connection, args)
    } catch (error) {
      // The next standby has another id: what is left of this one would fill the disk, one after the other.
      await clearUnfinished(context, connection, args).catch(() => undefined)
      throw error
    }
  })
}

/** A template stays what it is until its clone has become somebody's own: see `templateInUse`. */
async function fillFrom(
  context: TaskContext,
  connection: Connection,
  args: FillArgs,
): Promise<void> {
  const isDone = await whileShared(connection, templateInUse(args), async () => {
    const template = await findTemplate(connection, args)
    if (template !== undefined) mustBeOfRuntime(context, template)
    if (template !== undefined) await fillLocked(context, connection, { args, template })
    return template !== undefined
  })
  // An installation takes minutes, for which nothing has to wait.
  if (!isDone) await fillLocked(context, connection, { args, template: undefined })
}

/** Its resource has it made anew when the runtime changes; until then there is nothing to clone. */
function mustBeOfRuntime({ runtimes }: TaskContext, { major, edition, details }: Template): void {
  if (canOpen(runtimes, major, details.version)) return
  throw new Error(
    `the stand-in made template ${templateKey({ edition, major })}, which Odoo cannot open: waiting until it is made anew`,
  )
}

async function fillLocked(
  context: TaskContext,
  connection: Connection,
  { args, template }: { readonly args: FillArgs; readonly template: Template | undefined },
): Promise<void> {
  const { journal } = context
  const began = performance.now()
  const unfinished = unfinishedDatabaseName(args.id)
  const role = standbyRole(args)

  await journal.step('clear', () => clearUnfinished(context, connection, args))
  // The clone keeps the disk busy, the hash a core: both at once.
  const secrets = makeSecrets(args)
  secrets.catch(() => undefined)
  await journal.step('create', () => create(context, connection, { unfinished, template, args }))
  const { adminPassword, adminHash, rolePassword, verifier } = await secrets
  await journal.step('role', async () => {
    if (verifier === undefined) return ensureRole(connection, role)
    await ensureRoleWith(connection, role, verifier)
    await limitToPart(connection, role)
  })
  const shape = await journal.step('own', () =>
    own(context, connection, {
      ...{ database: unfinished, role, adminHash },
      from: template?.role ?? unfinished,
    }),
  )
  mustStillServe(context.runtimes, args.major, shape.version)
  const filestore =
    template === undefined
      ? await journal.step('files', () => adoptInstallation(context, args.id))
      : templateFilestore(context.filestore, template.database)
  await journal.step('name', async () => {
    if (template === undefined) await dropRole(connection, unfinished)
    const database = await findByName(connection, unfinished)
    if (database === undefined) throw new Error(`database ${unfinished} vanished while filling`)
    await addStandby(connection, unfinished, {
      id: args.id,
      oid: database.oid,
      template: templateKey(args),
      hosting: args.hosting,
      role,
      shape,
      origin: template === undefined ? 'install' : 'template',
      filestore,
      adminPassword,
      rolePassword,
      fillMs: performance.now() - began,
    })
  })
}

/** What standbys are counted and taken by. */
export function templateKey({ edition, major }: Pick<FillArgs, 'edition' | 'major'>): string {
  return `${edition}-${major}`
}

/**
 * The lock between fillings and the replacement of their template: between clone and `own` a database belongs to a role
 * of the template's name, and that name must not pass to another role meanwhile.
 */
export function templateInUse(args: Pick<FillArgs, 'edition' | 'major'>): string {
  return `template-in-use:${templateKey(args)}`
}

/** A pool's databases share its role; an instance's role is made with its database and renamed with it. */
function standbyRole({ id, major, hosting }: FillArgs): string {
  return hosting === 'pool' ? poolNames(major).role : standbyName(id)
}

/** Whether the standby of this id stands ready; one that was taken is not there any more. */
export async function isFilled(connection: Connection, id: string): Promise<boolean> {
  const rows = await connection.query('SELECT 1 FROM odoo.standby WHERE id = $1', [id])
  return rows.length > 0
}

/** Removes all that a filling which did not end has begun; run again when it was cut short itself. */
export async function clearUnfinished(
  { filestore }: Pick<TaskContext, 'filestore'>,
  connection: Connection,
  { id, hosting }: Pick<FillArgs, 'id' | 'hosting'>,
): Promise<void> {
  const unfinished = unfinishedDatabaseName(id)
  const leftover = await findByName(connection, unfinished)
  if (leftover !== undefined) await remove(connection, leftover)
  await dropRole(connection, unfinished)
  await dropOwnerSession(connection, unfinished)
  if (hosting === 'instance') await dropRole(connection, standbyName(id))
  await clearInstallation(filestore, id)
}

/** What a filling without a template has put on the disk, half-made or not. */
async function clearInstallation(places: FilestorePlaces, id: string): Promise<void> {
  await clearWork(places, unfinishedDatabaseName(id))
  await rm(standbyFilestore(places, id), { recursive: true, force: true })
}

/** The installation's files as a template's would be: read-only and of the administrator, whatever the umask was. */
async function adoptInstallation({ filestore }: TaskContext, id: string): Promise<string> {
  const unfinished = unfinishedDatabaseName(id)
  const files = standbyFilestore(filestore, id)
  await adoptFiles(installationFilestore(filestore, unfinished), files)
  await clearWork(filestore, unfinished)
  return files
}

async function makeSecrets({ hosting, major }: { hosting: Hosting; major: FillArgs['major'] }) {
  const adminPassword = makePassword()
  const adminHash = await hashForOdoo(adminPassword, differences[major].passwordRounds)
  if (hosting === 'pool') return { adminPassword, adminHash }
  const rolePassword = makePassword()
  return { adminPassword, adminHash, rolePassword, verifier: await scramVerifier(rolePassword) }
}

async function create(
  context: TaskContext,
  connection: Connection,
  options: { unfinished: string; template: Template | undefined; args: FillArgs },
): Promise<void> {
  const { unfinished, template, args } = options
  if (template !== undefined) {
    await cloneFrom(connection, {
      name: unfinished,
      template: template.database,
      signal: context.signal,
    })
    return
  }
  await connection.query(emptyDatabase(unfinished))
  await openToAdministrator(connection, unfinished)
  await installInto(context, connection, { database: unfinished, major: args.major, modules: [] })
}

interface Owning {
  readonly database: string
  readonly role: string
  readonly adminHash: string
  /** Who owns the objects so far. */
  readonly from: string
}

/** The objects go to the isolation role; the database itself stays the administrator's until it is published. */
async function own(
  { administration, signal }: TaskContext,
  connection: Connection,
  { database, role, adminHash, from }: Owning,
): Promise<Shape> {
  await withConnection(administration, { database, signal }, (inside) =>
    inside.query(['BEGIN', reassignOwned(from, role), dropPrivileges(from), 'COMMIT'].join('; ')),
  )
  return await asOwner(
    administration,
    connection,
    { database, owner: role, signal },
    async (inside) => {
      const shape = await readShape(inside)
      await inside.query(
        `UPDATE res_users SET password = ${literal(adminHash)} WHERE id = ${shape.adminUser}`,
      )
      return shape
    },
  )
}
