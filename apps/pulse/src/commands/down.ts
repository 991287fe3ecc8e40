import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import type { PulseConfig } from '../config.ts'
import { CommandError, exitCodes } from '../exit.ts'
import { isLocked, takeLockWithin } from '../installation/lock.ts'
import { statePaths } from '../installation/state-directory.ts'
import { type Running, readRunning } from '../server/running.ts'
import { createProgress } from '../terminal/progress.ts'
import type { CommandContext, GlobalFlags } from './context.ts'

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
      progress.step('stopping tenants and PostgreSQL')
      const running = await findServer(config.stateDir, {
        waitSeconds: stopSeconds,
        onWait: () => progress.step('Pulse is starting or stopping: waiting until it can be told'),
      })
      if (running) process.kill(running.pid, 'SIGINT')
      else await stopWhatIsLeft(config)
      try {
        // The lock is let go last of all.
        const release = await takeLockWithin(lock, stopSeconds)
        release()
      } catch (error) {
        progress.failed('still running')
        throw new CommandError(`Pulse did not stop within ${stopSeconds} s`, exitCodes.timeout, {
          cause: error,
        })
      }
      progress.done('stopped')
    })
}

/**
 * The server on a state directory; undefined when none runs. One that is just starting, or almost gone, has the lock
 * and no name yet or any more: it is waited for. The note of a killed server may name a process that is somebody
 * else's by now, so the lock alone tells the truth.
 */
export async function findServer(
  stateDir: string,
  { waitSeconds, onWait }: { readonly waitSeconds: number; readonly onWait: () => void },
): Promise<Running | undefined> {
  const deadline = performance.now() + waitSeconds * 1000
  while (await isLocked(statePaths(stateDir).lock)) {
    const running = await readRunning(stateDir)
    if (running) return running
    if (performance.now() > deadline) {
      throw new CommandError(
        `Pulse on ${stateDir} has been starting for ${waitSeconds} s: end it with Ctrl-C where it was started, or call pulse down again`,
        exitCodes.timeout,
      )
    }
    onWait()
    await delay(100)
  }
  return undefined
}

/** Pulse was killed and its tenants are still running: a server that starts only to stop knows how to end them. */
async function stopWhatIsLeft(config: PulseConfig) {
  const { existsSync } = await import('node:fs')
  if (!existsSync(statePaths(config.stateDir).lock)) return
  const { createLog } = await import('@pulse/service')
  const { startServer } = await import('../server/start-server.ts')
  const server = await startServer({
    config,
    log: createLog('silent'),
    onStep: () => {},
    onNotice: () => {},
  })
  await server.stop({ keepTenants: false })
}
