import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@pulse/testing'

/** What a Pulse of a benchmark's own is started with. */
export interface OwnState {
  readonly stateDir: string
  readonly env: NodeJS.ProcessEnv
}

/** A new state directory, and ports that nobody uses. */
export async function makeOwnState(settings: Readonly<Record<string, string>>): Promise<OwnState> {
  const stateDir = await mkdtemp(join(tmpdir(), 'pulse-bench-'))
  // As root PostgreSQL is another user, who has to pass through.
  await chmod(stateDir, 0o711)
  return {
    stateDir,
    env: {
      ...process.env,
      ...settings,
      PLANA_STATE_DIR: stateDir,
      PLANA_HTTP_PORT: String(await freePort()),
      PLANA_API_PORT: String(await freePort()),
      PLANA_METRICS_PORT: String(await freePort()),
    },
  }
}
