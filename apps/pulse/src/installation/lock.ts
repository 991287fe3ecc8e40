import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** Another process holds the state directory. */
export class LockedError extends Error {}

/**
 * Takes the one lock of a state directory. The kernel holds it (flock(2)) through a small child whose standard input is
 * ours: when this process ends, however it ends, the child ends and the lock is free. No stale lock can remain.
 */
export async function takeLock(path: string): Promise<() => void> {
  const child = spawn(
    'flock',
    ['--nonblock', '--no-fork', path, 'sh', '-c', 'echo held; exec cat'],
    {
      stdio: ['pipe', 'pipe', 'ignore'],
      // Of its own session: a Ctrl-C in the terminal must not release the lock before everything has stopped.
      detached: true,
    },
  )
  const refused = once(child, 'exit').then(() => false)
  // Where no process could be made there are no pipes either.
  if (child.pid === undefined) await refused
  const held = once(child.stdout, 'data').then(() => true)
  if (!(await Promise.race([held, refused]))) throw new LockedError(path)
  child.unref()
  return () => child.kill('SIGKILL')
}

/** Whether a living process holds it. */
export async function isLocked(path: string): Promise<boolean> {
  if (!existsSync(path)) return false
  try {
    const release = await takeLock(path)
    release()
    return false
  } catch (error) {
    if (error instanceof LockedError) return true
    throw error
  }
}

/** The same, waiting a little for a process that is just ending. */
export async function takeLockWithin(
  path: string,
  seconds: number,
  signal?: AbortSignal,
): Promise<() => void> {
  const deadline = performance.now() + seconds * 1000
  for (;;) {
    try {
      return await takeLock(path)
    } catch (error) {
      if (!(error instanceof LockedError) || performance.now() > deadline) throw error
      await delay(50, undefined, { signal })
    }
  }
}
