import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
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
  const { runtimes, environment, volumes, owners, log } = options
  let byMajor = new Map<OdooMajor, StaticFolders>()
  const ofTenant = new Map<string, StaticFolders>()
  /** Those that count: one that was forgotten meanwhile tells nothing. */
  const reading = new Map<string, symbol>()

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

  async function readOwn(name: string, { names, odooVersion }: HostedEnvironment) {
    if (reading.has(name)) return
    const mine = Symbol(name)
    reading.set(name, mine)
    try {
      const folders = byMajor.get(odooVersion)
      const own = await modulesIn(join(volumes, names.namespace, fixedNames.addons))
      const isCurrent = reading.get(name) === mine && folders === byMajor.get(odooVersion)
      if (folders === undefined || !isCurrent) return
      // One map for all who bring nothing along, which are most.
      ofTenant.set(
        name,
        own.some((module) => folders.has(module)) ? withoutOwn(folders, own) : folders,
      )
    } catch (error) {
      // Until it starts anew: whoever asks for a file does not have it looked up again.
      if (reading.get(name) === mine) ofTenant.set(name, none)
      log.warn(
        { err: error, environment: name },
        'its modules cannot be listed: Odoo serves all files',
      )
    } finally {
      if (reading.get(name) === mine) reading.delete(name)
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
      const own = ofTenant.get(name)
      if (own === undefined) void readOwn(name, known)
      return own
    },
    started: forget,
    forget,
    get size() {
      return ofTenant.size + reading.size
    },
  }
}

const none: StaticFolders = new Map()

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
