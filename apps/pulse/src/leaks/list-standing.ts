import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { odooMajors, poolNames } from '@pulse/api'
import { standingPods } from '@pulse/engine'
import { type Administration, listStandingOnServer, withConnection } from '@pulse/odoo'
import { statePaths } from '../installation/state-directory.ts'
import type { Standing } from './leak-facts.ts'

export interface MachineUnderCheck {
  readonly administration: Administration
  readonly stateDir: string
  readonly signal: AbortSignal
}

/** All that stands on this machine for tenants. Nothing is changed. */
export async function listStanding(machine: MachineUnderCheck): Promise<Standing> {
  const { administration, stateDir, signal } = machine
  const { tombstones, templates, volumes } = statePaths(stateDir)
  const register = { database: administration.registerDatabase, signal }
  return await withConnection(administration, register, async (connection) => {
    const hostnames = await connection.query('SELECT name, uid FROM unique_name ORDER BY name')
    return {
      ...(await listStandingOnServer(connection)),
      ...standingPods(stateDir),
      ...(await listVolumes(volumes)),
      tombstones: await namesIn(tombstones),
      templates: await namesIn(templates),
      staging: await namesIn(join(volumes, staging)),
      hostnames: hostnames.map(({ name, uid }) => ({ name: String(name), uid: String(uid) })),
    }
  })
}

/** Beside the folders of namespaces. */
const staging = '.staging'

/** What a tenant has put into a volume of its own is its own; a pool's belongs to many. */
const pools = new Set(odooMajors.map((major) => poolNames(major).namespace))

async function listVolumes(folder: string) {
  const volumes: string[] = []
  const filestores: string[] = []
  for (const namespace of await namesIn(folder)) {
    if (namespace === staging) continue
    const claims = await namesIn(join(folder, namespace))
    if (claims.length === 0) volumes.push(namespace)
    for (const claim of claims) {
      const volume = `${namespace}/${claim}`
      volumes.push(volume)
      if (!pools.has(namespace)) continue
      const databases = await namesIn(join(folder, volume, 'filestore'))
      filestores.push(...databases.map((database) => `${volume}/${database}`))
    }
  }
  return { volumes, filestores }
}

/** Nothing where there is no folder. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).toSorted()
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (isMissing) return []
    throw error
  }
}
