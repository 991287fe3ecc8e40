import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import type { PulseConfig } from '../config.ts'
import { CommandError, exitCodes } from '../exit.ts'
import { isLocked, takeLockWithin } from '../installation/lock.ts'
import { statePaths } from '../installation/state-directory.ts'
import { refuseUnreadable } from '../installation/unreadable.ts'
import { isAlive, type Running, readRunning } from '../server/running.ts'
import { createProgress } from '../terminal/progress.ts'
import type { CommandContext, GlobalFlags } from './context.ts'
import { notRunning } from './not-running.ts'

const stopSeconds = 90

/** `pulse down`: gateway, tenants and PostgreSQL, in that order; also after Pulse itself was killed. */
export function addDown(program: Command, context: CommandContext) {
  program
    .command('down')
    .description('stop everything on this machine: gateway, tenants, PostgreSQL')
    .addHelpText('after', '\nExamples:\n  pulse down\n  pulse down --state ./second')
    .action(async (_flags: GlobalFlags, command: Command) => {
      const config = await context.config(command.optsWithGlobals<GlobalFlags>())
      const progress = createProgress(context.err)
      const { lock } = statePaths(config.stateDir)
      // Where Pulse never ran there is nothing to stop, and nothing is to be left behind.
      const refused = (error: unknown) => refuseUnreadable(config.stateDir, error)
      if (!(await stat(lock).catch(refused))) throw notRunning(config.stateDir, context.hint)
      let hasWaited = false
      const running = await findServer(config.stateDir, {
        waitSeconds: stopSeconds,
        signal: context.signal,
        onWait() {
          hasWaited = true
          progress.step('Pulse is starting or stopping: waiting until it can be told')
        },
      })
      // A server that started only to stop again would start what it is to stop.
      if (!running && !(await isAnythingLeft(config.stateDir))) {
        if (hasWaited) return progress.done('stopped')
        throw notRunning(config.stateDir, context.hint)
      }
      progress.step('stopping tenants and PostgreSQL')
      if (running) process.kill(running.pid, 'SIGINT')
      else await stopWhatIsLeft(config, context.signal)
      try {
        const release = await takeLockWithin(lock, stopSeconds, context.signal)
        release()
        // The lock is let go last of all, but before the process itself is gone.
        if (running) await untilGone(running.pid, stopSeconds, context.signal)
      } catch (error) {
        context.signal.throwIfAborted()
        progress.failed('still running')
        throw new CommandError(`Pulse did not stop within ${stopSeconds} s`, exitCodes.timeout, {
          cause: error,
        })
      }
      progress.done('stopped')
    })
}

interface FindOptions {
  readonly waitSeconds: number
  readonly signal?: AbortSignal
  readonly onWait: () => void
}

/**
 * The server on a state directory; undefined when none runs. One that is just starting, or almost gone, has the lock
 * and no name yet or any more: it is waited for. The note of a killed server may name a process that is somebody
 * else's by now, so the lock alone tells the truth.
 */
export async function findServer(
  stateDir: string,
  { waitSeconds, signal, onWait }: FindOptions,
): Promise<Running | undefined> {
  const deadline = performance.now() + waitSeconds * 1000
  while (await isLocked(statePaths(stateDir).lock)) {
    const running = await readRunning(stateDir)
    if (running) return running
    if (performance.now() > deadline) {
      throw new CommandError(
        `Pulse on ${stateDir} has been starting for ${waitSeconds} s: end it with Ctrl-C where it was started, or call down again`,
        exitCodes.timeout,
      )
    }
    onWait()
    await delay(100, undefined, { signal })
  }
  return undefined
}

/** Resolves once a process is gone; one that only waits to be reaped by its parent is. */
export async function untilGone(pid: number, seconds: number, signal: AbortSignal) {
  const deadline = performance.now() + seconds * 1000
  while (isAlive(pid) && !(await isDefunct(pid))) {
    if (performance.now() > deadline) throw new Error(`process ${pid} is still there`)
    await delay(20, undefined, { signal })
  }
}

/** Zombie, as proc(5) tells it; what cannot be read is judged by its signals alone. */
async function isDefunct(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return /^\d+ \(.*\) [ZX] /s.test(stat)
}

/** Whether PostgreSQL or a tenant runs without a Pulse, or one was killed: its secrets and firewall stay until a stop. */
async function isAnythingLeft(stateDir: string): Promise<boolean> {
  if (existsSync(statePaths(stateDir).running)) return true
  const { isPostgresRunning } = await import('@pulse/odoo')
  if (await isPostgresRunning(stateDir)) return true
  const { isPodRunning } = await import('@pulse/engine')
  return isPodRunning(stateDir)
}

/** Pulse was killed and its tenants are still running: a server that starts only to stop knows how to end them. */
async function stopWhatIsLeft(config: PulseConfig, interrupted: AbortSignal) {
  const { createLog } = await import('@pulse/service')
  const { startServer } = await import('../server/start-server.ts')
  const server = await startServer({
    config,
    log: createLog('silent'),
    onStep: () => {},
    onNotice: () => {},
    interrupted,
  })
  await server.stop({ keepTenants: false })
}
