import { watch } from 'node:fs'
import { defaultOdooVersion, type Log, type OdooMajor } from '@pulse/api'
import { listRuntimes, type Runtime, type RuntimeLookup } from '@pulse/odoo'
import { standInAt } from '@pulse/testing'
import type { PulseConfig } from '../config.ts'
import { statePaths } from '../installation/state-directory.ts'

/** The Odoos of this machine, as registered now. */
export interface Runtimes {
  readonly find: RuntimeLookup
  readonly all: () => readonly Runtime[]
  /** Whether nothing is registered, so that the stand-in serves. */
  readonly standIn: () => boolean
  /** Calls back after `pulse runtime add|remove`. */
  onChange(run: () => void): void
}

/**
 * Follows the folder in which `pulse runtime` registers; with nothing there the stand-in, which the server has put
 * beside it, serves the default major.
 */
export async function openRuntimes(
  { stateDir, standInBurn }: Pick<PulseConfig, 'stateDir' | 'standInBurn'>,
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
): Promise<Runtimes> {
  let registered = await listRuntimes(stateDir)
  const paths = statePaths(stateDir)
  const standIn = standInRuntimes(paths.standIn, standInBurn)
  const listeners: (() => void)[] = []

  async function reread() {
    try {
      const found = await listRuntimes(stateDir)
      // One registration is several changes of the folder: compared only now, it is told once.
      if (JSON.stringify(registered) === JSON.stringify(found)) return
      registered = found
      log.info({ majors: registered.map(({ major }) => major) }, 'runtimes changed')
      for (const listener of listeners) listener()
    } catch (error) {
      log.warn({ err: error }, 'runtimes not read, those known before stay')
    }
  }
  const watcher = watch(paths.runtimes, { signal, persistent: false }, () => void reread())
  watcher.on('error', (error) => log.warn({ err: error }, 'runtimes are not followed'))

  const current = () => (registered.length > 0 ? registered : [standIn(defaultOdooVersion)])
  return {
    find: (major) => current().find((runtime) => runtime.major === major),
    all: current,
    standIn: () => current().some(({ standIn }) => standIn),
    onChange: (listener) => void listeners.push(listener),
  }
}

/** The stand-in Odoo of `@pulse/testing`, playing this major, from a folder that every tenant's user can read. */
function standInRuntimes(folder: string, burn: number): (major: OdooMajor) => Runtime {
  const programOf = standInAt(folder, burn)
  return (major) => {
    const { command, args } = programOf(major)
    return { major, version: `${major}.0`, command: [command, ...args], standIn: true }
  }
}
