import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '@pulse/api'

/** One server of ours, as its keeper sees it. */
export interface KeptServer {
  isRunning(): Promise<boolean>
  /** Resolves when it answers. */
  start(): Promise<void>
}

export interface KeepOptions {
  readonly log: Log
  readonly signal: AbortSignal
  /** Told when the server was found dead, with when it will be tried again, and when it is back. */
  readonly onChange?: ((state: 'down' | 'up') => void) | undefined
}

/** The server is no child of ours, so the kernel does not tell of its end: we look. */
const lookEveryMs = 500
const firstRetryMs = 250
const longestRetryMs = 30_000

/**
 * Starts the server again whenever it has died, until the signal. After a kill its last sessions may still hold its
 * memory, and a full disk is not emptied in a moment: so it is tried again with growing pauses, for ever.
 */
export async function keepRunning(server: KeptServer, options: KeepOptions): Promise<void> {
  const { log, signal, onChange } = options
  let failures = 0
  while (await goOnAfter(failures === 0 ? lookEveryMs : retryMs(failures), signal)) {
    if (failures === 0) {
      if (await server.isRunning()) continue
      // A server that is being stopped together with us is no accident.
      if (signal.aborted) return
      log.error({}, 'PostgreSQL died, starting it again')
      onChange?.('down')
    }
    try {
      await server.start()
      failures = 0
      log.warn({}, 'PostgreSQL runs again')
      onChange?.('up')
    } catch (error) {
      failures += 1
      log.error({ err: error, failures }, 'PostgreSQL does not start, trying again')
    }
  }
}

function retryMs(failures: number): number {
  return Math.min(firstRetryMs * 2 ** (failures - 1), longestRetryMs)
}

async function goOnAfter(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  try {
    await pause(milliseconds, undefined, { signal, ref: false })
  } catch {
    return false
  }
  return !signal.aborted
}
