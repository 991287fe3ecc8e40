import type { KindRegistry } from '@pulse/api'
import { createObjectsClient } from '@pulse/engine'
import type { PulseConfig } from '../config.ts'
import { CommandError, exitCodes } from '../exit.ts'
import { pairPath, readPair, textIfThere } from '../installation/key-pair.ts'
import { isLocked } from '../installation/lock.ts'
import { statePaths } from '../installation/state-directory.ts'
import { readRunning } from '../server/running.ts'
import type { Cluster, CommandContext } from './context.ts'
import { endsWithServer } from './ends-with-server.ts'
import { notRunning } from './not-running.ts'

interface Said {
  readonly hint?: CommandContext['hint']
  /** Told what the API warns of. */
  readonly onWarning?: (text: string) => void
}

/** The API of the server that runs on this state directory. */
export async function connectTo(
  { stateDir }: PulseConfig,
  registry: KindRegistry,
  { hint = (words) => `pulse ${words}`, onWarning }: Said = {},
): Promise<Cluster> {
  const running = await readRunning(stateDir)
  if (!running) throw notRunning(stateDir, hint)
  const { ca, token } = await readKeys(stateDir)
  const options = { server: running.api, ca, token, onWarning }
  const client = createObjectsClient({ ...options, kinds: registry.findKind })
  return endsWithServer(client, {
    isThere: () => isServerThere(stateDir),
    refusal: () => notRunning(stateDir, hint),
    now: () => performance.now(),
  })
}

/** One that starts or stops holds the lock without a note of itself. What cannot be found out ends no wait. */
async function isServerThere(stateDir: string): Promise<boolean> {
  if ((await readRunning(stateDir)) !== undefined) return true
  return await isLocked(statePaths(stateDir).lock).catch(() => true)
}

async function readKeys(stateDir: string) {
  const paths = statePaths(stateDir)
  try {
    const [token, authority] = await Promise.all([
      textIfThere(paths.token),
      readPair(pairPath(paths.authority, 'ca')),
    ])
    if (token && authority) return { token: token.trim(), ca: authority.certificate }
  } catch (error) {
    // Only what the system refuses is a matter of who asks; a damaged file tells what mends it.
    if (!(error instanceof Error && 'code' in error)) throw error
    throw new CommandError(
      `the keys under ${stateDir} cannot be read: run this as the user who runs Pulse`,
      exitCodes.failed,
      { cause: error },
    )
  }
  throw new CommandError(`there are no keys under ${stateDir}: start Pulse again, it makes them`)
}
