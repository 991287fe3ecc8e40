import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '@pulse/api'
import type { HistoryStore } from '@pulse/gateway'
import { writeFileAtomically } from '../installation/state-directory.ts'
import { createFileTurns } from './file-turns.ts'

const name = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/
const suffix = '.json'
const openTimeoutMs = 10_000

export interface HistoryFilesOptions {
  readonly folder: string
  readonly isKnown: (environment: string) => boolean
  readonly log: Log
  readonly signal: AbortSignal
}

/**
 * Histories as files, one for each environment that exists, of at most 4 KiB: they are this machine's own, may be lost
 * without harm, and are read and written alone, so they are neither resources nor rows. A folder that cannot be used
 * fails no start.
 */
export async function openHistoryFiles(options: HistoryFilesOptions): Promise<HistoryStore> {
  const { folder, log } = options
  const inTurn = createFileTurns()
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(openTimeoutMs)])
  try {
    await inTurn(signal, () => clearUp({ ...options, signal }))
  } catch (error) {
    log.warn({ err: error, folder }, 'histories not cleared up')
  }
  return {
    load: (environment, given) => inTurn(given, () => read(fileOf(folder, environment), given)),
    save: (environment, text, given) =>
      inTurn(given, () => writeFileAtomically(fileOf(folder, environment), text, given)),
    remove: (environment, given) =>
      inTurn(given, () => rm(fileOf(folder, environment), { force: true })),
  }
}

/** Removes what is left of environments that are gone, and of writes that were broken off. */
async function clearUp({ folder, isKnown, signal }: HistoryFilesOptions) {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const file of await readdir(folder)) {
    signal.throwIfAborted()
    if (!file.endsWith(suffix) || !isKnown(file.slice(0, -suffix.length))) {
      await rm(join(folder, file), { force: true, recursive: true })
    }
  }
}

function fileOf(folder: string, environment: string): string {
  if (!name.test(environment)) throw new Error(`${environment} cannot be a file`)
  return join(folder, `${environment}${suffix}`)
}

async function read(path: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await readFile(path, { encoding: 'utf8', signal })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
