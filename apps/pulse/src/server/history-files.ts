import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { HistoryStore } from '@pulse/gateway'
import { writeFileAtomically } from '../installation/state-directory.ts'

const name = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/
const suffix = '.json'

/**
 * Histories as files, one for each environment: they are this machine's own, may be lost without harm, and are read
 * and written alone, so they are neither resources nor rows.
 */
export async function openHistoryFiles(
  folder: string,
  isKnown: (environment: string) => boolean,
): Promise<HistoryStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // What is left of environments that are gone, and of writes that were broken off.
  for (const file of await readdir(folder)) {
    if (!file.endsWith(suffix) || !isKnown(file.slice(0, -suffix.length))) {
      await rm(join(folder, file), { force: true, recursive: true })
    }
  }
  const fileOf = (environment: string) => {
    if (!name.test(environment)) throw new Error(`${environment} cannot be a file`)
    return join(folder, `${environment}${suffix}`)
  }
  return {
    async load(environment, signal) {
      try {
        return await readFile(fileOf(environment), { encoding: 'utf8', signal })
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
        throw error
      }
    },
    async save(environment, text) {
      await writeFileAtomically(fileOf(environment), text)
    },
    async remove(environment) {
      await rm(fileOf(environment), { force: true })
    },
  }
}
