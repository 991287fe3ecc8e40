import type { Command } from 'commander'
import type { PulseConfig } from '../config.ts'
import { CommandError, exitCodes } from '../exit.ts'
import { isLocked, takeLockWithin } from '../installation/lock.ts'
import { statePaths } from '../installation/state-directory.ts'
import { readRunning } from '../server/running.ts'
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
      const config = context.config(command.optsWithGlobals<GlobalFlags>())
      const progress = createProgress(context.err)
      const { lock } = statePaths(config.stateDir)
      progress.step('stopping tenants and PostgreSQL')
      // The note of a killed server may name a process that is somebody else's by now: the lock alone tells the truth.
      const running = (await isLocked(lock)) ? await readRunning(config.stateDir) : undefined
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
