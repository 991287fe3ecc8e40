import { readdir } from 'node:fs/promises'
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
}

export function createStaticSource(options: StaticSourceOptions): RuntimeFiles {
  const { runtimes, environment, volumes, owners, log } = options
  let byMajor = new Map<OdooMajor, StaticFolders>()
  const ofTenant = new Map<string, StaticFolders>()
  const reading = new Set<string>()

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
    reading.add(name)
    try {
      const folders = byMajor.get(odooVersion)
      const own = await modulesIn(join(volumes, names.namespace, fixedNames.addons))
      if (folders === undefined || folders !== byMajor.get(odooVersion)) return
      // One map for all who bring nothing along, which are most.
      ofTenant.set(
        name,
        own.some((module) => folders.has(module)) ? withoutOwn(folders, own) : folders,
      )
    } catch (error) {
      log.warn(
        { err: error, environment: name },
        'its modules cannot be listed: Odoo serves all files',
      )
    } finally {
      reading.delete(name)
    }
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
    started: (name) => void ofTenant.delete(name),
  }
}

async function modulesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
