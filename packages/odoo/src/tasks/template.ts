import { unfinishedDatabaseName } from '@pulse/api'
import Type from 'typebox'
import { type Connection, whileLocked } from '../database/administration.ts'
import {
  ForeignDatabaseError,
  findByName,
  openToAdministrator,
  remove,
} from '../database/databases.ts'
import { dropOwnerSession } from '../database/owner-session.ts'
import { dropRole } from '../database/roles.ts'
import { emptyDatabase } from '../database/statements.ts'
import { generateAssets } from '../templates/assets.ts'
import { sha256Of } from '../templates/dump-file.ts'
import { fillTemplate } from '../templates/fill-template.ts'
import { clearWork } from '../templates/install.ts'
import { publishTemplate, retiredName } from '../templates/publish-template.ts'
import { findTemplate, type Template } from '../templates/register.ts'
import { endWork } from '../templates/work-access.ts'
import { edition, major, text } from './fields.ts'
import { templateInUse } from './fill.ts'
import { dropStandbys } from './standby-drop.ts'
import type { TaskContext } from './task.ts'
import { withLock } from './with-lock.ts'

export const templateArgs = Type.Object({
  action: Type.Union([Type.Literal('import'), Type.Literal('install')]),
  template: text,
  edition,
  major,
  database: Type.String({ minLength: 1, maxLength: 63 }),
  dump: Type.Optional(text),
  filestore: Type.Optional(text),
  modules: Type.Array(Type.String(), { default: [] }),
  rev: Type.Optional(text),
  namespace: text,
  facts: text,
})
export type TemplateArgs = Type.Static<typeof templateArgs>

/**
 * Makes the template of an edition and major, under an unfinished name until it is complete; then it takes the place
 * of the one before, whose standbys go. Environments that came from that are not touched.
 */
export async function template(context: TaskContext, args: TemplateArgs): Promise<void> {
  await withLock(context, `template:${args.edition}-${args.major}`, async (connection) => {
    try {
      await makeTemplate(context, connection, args)
    } catch (error) {
      // What was refused must not fill the disk until somebody tries again; a killed run is cleared by the next.
      await clearUnfinished(context, connection, unfinishedName(args)).catch(() => undefined)
      throw error
    }
  })
}

async function makeTemplate(
  context: TaskContext,
  connection: Connection,
  args: TemplateArgs,
): Promise<void> {
  const { journal, results } = context
  const unfinished = unfinishedName(args)
  const seed = await seedOf(args)
  const before = await findTemplate(connection, args)
  if (before === undefined && (await findByName(connection, args.database)) !== undefined) {
    throw new ForeignDatabaseError(args.database)
  }
  await journal.step('clear', () => clearUnfinished(context, connection, unfinished))
  if (before === undefined || !isMadeOf(before, { ...args, seed })) {
    await journal.step('create', async () => {
      await connection.query(emptyDatabase(unfinished))
      await openToAdministrator(connection, unfinished)
    })
    const details = await fillTemplate(context, connection, { args, unfinished })
    await journal.step('assets', () => generateAssets(context, unfinished, args.major))
    await journal.step('close', () => endWork(connection, unfinished))
    await whileLocked(connection, templateInUse(args), async () => {
      await journal.step('publish', () =>
        publishTemplate(context, connection, {
          args,
          unfinished,
          details: { ...details, seed, rev: args.rev, builtAt: context.now().toISOString() },
        }),
      )
      await journal.step('stale', () => dropStandbys(context, connection, args))
    })
    await journal.step('clear', () => clearUnfinished(context, connection, unfinished))
  }
  const made = await findTemplate(connection, args)
  if (made === undefined) throw new Error(`template ${args.database} vanished`)
  await journal.step('deliver', () =>
    results.applyConfigMap({ namespace: args.namespace, name: args.facts }, factsOf(made)),
  )
}

function unfinishedName({ edition, major }: TemplateArgs): string {
  return unfinishedDatabaseName(`template-${edition}-${major}`)
}

/** The revision tells files apart that come with the same dump. */
function isMadeOf(
  { database, details }: Template,
  wanted: Pick<TemplateArgs, 'database' | 'rev'> & { readonly seed: string },
): boolean {
  return database === wanted.database && details.seed === wanted.seed && details.rev === wanted.rev
}

/** Same seed, same template: then there is nothing to do. */
async function seedOf(args: TemplateArgs): Promise<string> {
  if (args.action === 'install') return `install ${args.rev ?? ''} ${args.modules.join(',')}`.trim()
  if (args.dump === undefined) throw new Error('a template import needs --dump')
  return sha256Of(args.dump)
}

/** Also the template that was replaced, when its removal was cut short. */
async function clearUnfinished(
  context: TaskContext,
  connection: Connection,
  unfinished: string,
): Promise<void> {
  for (const name of [unfinished, retiredName(unfinished)]) {
    const leftover = await findByName(connection, name)
    if (leftover !== undefined) await remove(connection, leftover)
    await dropRole(connection, name)
  }
  await dropOwnerSession(connection, unfinished)
  await clearWork(context.filestore, unfinished)
}

function factsOf({ database, details }: Template): Readonly<Record<string, string>> {
  return {
    database,
    seed: details.seed ?? '',
    odooVersion: details.version,
    sizeBytes: String(details.sizeBytes),
    files: String(details.files),
    modules: String(details.modules.length),
    ...(details.builtAt === undefined ? {} : { builtAt: details.builtAt }),
  }
}
