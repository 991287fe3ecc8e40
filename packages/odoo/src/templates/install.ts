import { chown, mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { OdooMajor } from '@pulse/api'
import type { Connection } from '../database/administration.ts'
import type { FilestorePlaces } from '../filestore/places.ts'
import { runWithProgress } from '../program.ts'
import { differences } from '../runtime/differences.ts'
import { commandOf, mustFindRuntime, type Runtime } from '../runtime/runtime.ts'
import type { TaskContext } from '../tasks/task.ts'
import { endWork, workAccess } from './work-access.ts'

const installLimitMs = 30 * 60_000

/** Data directory that an unfinished database's Odoo writes to; its filestore lies as Odoo lays it. */
export function workFolder(places: FilestorePlaces, database: string): string {
  return join(places.staging, `work-${database}`)
}

export function installationFilestore(places: FilestorePlaces, database: string): string {
  return join(workFolder(places, database), 'filestore', database)
}

/** Files of a standby that was installed without a template: its own, until its environment has them. */
export function standbyFilestore(places: FilestorePlaces, id: string): string {
  return join(places.staging, `files-${id}`)
}

/** Removes what only one standby or claim has used; a template's files stay, since all who come from it share them. */
export async function discardOwnFiles(
  places: FilestorePlaces,
  { origin, filestore }: { readonly origin: string; readonly filestore: string },
): Promise<void> {
  if (origin !== 'install' || !filestore.startsWith(`${places.staging}/`)) return
  await rm(filestore, { recursive: true, force: true })
}

/** Removes what an unfinished database's Odoo wrote. */
export async function clearWork(places: FilestorePlaces, database: string): Promise<void> {
  await rm(workFolder(places, database), { recursive: true, force: true })
}

/** Installs Odoo into an empty database that is still out of reach. */
export async function installInto(
  context: TaskContext,
  connection: Connection,
  options: {
    readonly database: string
    readonly major: OdooMajor
    readonly modules: readonly string[]
  },
): Promise<void> {
  const { database, major, modules } = options
  const runtime = mustFindRuntime(context.runtimes, major)
  const access = await workAccess(context, connection, database)
  await rm(workFolder(context.filestore, database), { recursive: true, force: true })
  await runOdoo(context, runtime, {
    database,
    access,
    args: [
      `--init=${['base', 'web', ...modules].join(',')}`,
      ...differences[major].withoutDemo,
      '--stop-after-init',
    ],
  })
  await endWork(connection, database)
}

/** Runs the runtime on one database until it ends, as the owner of the staging folder. */
export async function runOdoo(
  context: TaskContext,
  runtime: Runtime,
  options: {
    readonly database: string
    readonly access: Readonly<Record<string, string>>
    readonly args: readonly string[]
    readonly purpose?: 'server' | 'shell'
    readonly input?: string
  },
): Promise<void> {
  const folder = workFolder(context.filestore, options.database)
  await mkdir(join(folder, 'filestore', options.database), { recursive: true, mode: 0o700 })
  const { uid, gid } = await stat(context.filestore.staging)
  if (process.getuid?.() === 0) await chown(folder, uid, gid)
  const { file, args, env } = commandOf(runtime, options.purpose ?? 'server', [
    `--database=${options.database}`,
    `--data-dir=${folder}`,
    '--no-http',
    '--no-database-list',
    '--max-cron-threads=0',
    '--workers=0',
    ...options.args,
  ])
  const log = context.log.child({ database: options.database, runtime: runtime.version })
  await runWithProgress(file, args, {
    timeoutMs: installLimitMs,
    signal: context.signal,
    cwd: folder,
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      LANG: 'C.UTF-8',
      HOME: folder,
      USER: 'pulse',
      LOGNAME: 'pulse',
      ...env,
      ...options.access,
    },
    input: options.input,
    onLine: (line) => log.debug({ line }, 'odoo'),
  })
}
