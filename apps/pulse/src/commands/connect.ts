import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KindRegistry } from '@pulse/api'
import { createObjectsClient } from '@pulse/engine'
import type { PulseConfig } from '../config.ts'
import { CommandError, exitCodes } from '../exit.ts'
import { statePaths } from '../installation/state-directory.ts'
import { readRunning } from '../server/running.ts'
import type { Cluster } from './context.ts'

/** The API of the server that runs on this state directory. */
export async function connectTo(
  { stateDir }: PulseConfig,
  registry: KindRegistry,
): Promise<Cluster> {
  const running = await readRunning(stateDir)
  if (!running) {
    throw new CommandError(
      `Pulse is not running on ${stateDir}: start it with pulse up, or name another with --state DIR`,
      exitCodes.notRunning,
    )
  }
  const paths = statePaths(stateDir)
  try {
    const [token, authority] = await Promise.all([
      readFile(paths.token, 'utf8'),
      readFile(join(paths.authority, 'ca.json'), 'utf8'),
    ])
    return createObjectsClient({
      server: running.api,
      ca: JSON.parse(authority).certificate,
      token: token.trim(),
      kinds: registry.findKind,
    })
  } catch (error) {
    throw new CommandError(
      `the keys under ${stateDir} cannot be read: run this as the user who runs Pulse`,
      exitCodes.failed,
      { cause: error },
    )
  }
}
