import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Log, OdooMajor } from '@pulse/api'
import { fixedNames } from '@pulse/compositions'
import {
  readStaticFolders,
  type StaticFolders,
  type StaticSource,
  withoutOwn,
} from '@pulse/gateway'
import type { HostedEnvironment } from '../routing/tenant-hosts.ts'
import type { Runtimes } from './runtimes.ts'

export interface StaticSourceOptions {
  readonly runtimes: Runtimes
  readonly environment: (name: string) => HostedEnvironment | undefined
  /** Where the volumes of tenants are. */
  readonly volumes: string
  /** Users whose files are believed. */
  readonly owners: readonly number[]
  readonly log: Log
  /** How long a file waits for the list of its tenant's modules: a disk that hangs holds nobody, and Odoo serves. */
  readonly patienceMs?: number
}

/** Files of the registered Odoos, for tenants who do not bring a module of that name along. */
export interface RuntimeFiles extends StaticSource {
  /** Its process is starting: what modules it brings along is looked up again. */
  started(environment: string): void
  /** It is gone, or another one by now. */
  forget(environment: string): void
  /** Tenants of whom it is known what they bring along. */
  readonly size: number
}

export function createStaticSource(options: StaticSourceOptions): RuntimeFiles {
  const { runtimes, environment, volumes, owners, log, patienceMs = 1_000 } = options
  let byMajor = new Map<OdooMajor, StaticFolders>()
  const ofTenant = new Map<string, StaticFolders>()
  /** Those that count: one that was forgotten meanwhile tells nothing. */
  const reading = new Map<string, Promise<StaticFolders | undefined>>()

  async function readRuntimes() {
    const read = await Promise.all(
      runtimes.all().map(async ({ major, path, addonsPath }) => {
        const paths =
          addonsPath?.split(',') ?? (path ? [`${path}/odoo/addons`, `${path}/addons`] : [])
        return [major, await readStaticFolders(paths, owners)] as const
      }),
    )
    byMajor = new Map(read)
    ofTenant.clear()
  }

  /** What cannot be read is not served: Odoo serves it. */
  function refresh() {
    readRuntimes().catch((error: unknown) =>
      log.warn({ err: error }, 'files of the runtimes are left to Odoo'),
    )
  }
  refresh()
  runtimes.onChange(refresh)

  function readOwn(name: string, known: HostedEnvironment): Promise<StaticFolders | undefined> {
    const begun = reading.get(name)
    if (begun !== undefined) return begun
    const mine = foldersBeside(name, known).then((folders) => {
      if (reading.get(name) !== mine) return undefined
      reading.delete(name)
      if (folders !== undefined) ofTenant.set(name, folders)
      return folders
    })
    reading.set(name, mine)
    return mine
  }

  /** Those of the runtime that its own modules do not replace; undefined when the runtimes have changed meanwhile. */
  async function foldersBeside(name: string, { names, odooVersion }: HostedEnvironment) {
    const folders = byMajor.get(odooVersion)
    try {
      const own = await modulesIn(join(volumes, names.namespace, fixedNames.addons))
      if (folders === undefined || folders !== byMajor.get(odooVersion)) return undefined
      // One map for all who bring nothing along, which are most.
      return own.some((module) => folders.has(module)) ? withoutOwn(folders, own) : folders
    } catch (error) {
      log.warn(
        { err: error, environment: name },
        'its modules cannot be listed: Odoo serves all files',
      )
      // Until it starts anew: whoever asks for a file does not have it looked up again.
      return none
    }
  }

  function forget(name: string) {
    ofTenant.delete(name)
    reading.delete(name)
  }

  return {
    foldersOf(name) {
      const known = environment(name)
      if (known === undefined) return undefined
      const folders = byMajor.get(known.odooVersion)
      if (folders === undefined || folders.size === 0 || !known.isInstance) return folders
      return ofTenant.get(name) ?? within(patienceMs, readOwn(name, known))
    },
    started: forget,
    forget,
    get size() {
      return ofTenant.size + reading.size
    },
  }
}

const none: StaticFolders = new Map()

function within<T>(milliseconds: number, reading: Promise<T>): Promise<T | undefined> {
  return Promise.race([reading, delay(milliseconds, undefined, { ref: false })])
}

/** More modules than anybody has; the folder is its tenant's, who may put any number of names there. */
const modulesMax = 5_000

async function modulesIn(path: string): Promise<readonly string[]> {
  try {
    const names: string[] = []
    for await (const { name } of await opendir(path)) {
      if (names.push(name) > modulesMax) throw new Error(`more than ${modulesMax} names in ${path}`)
    }
    return names
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
