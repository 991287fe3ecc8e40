import { CommandError, exitCodes } from '../exit.ts'
import type { CommandContext } from './context.ts'

/** Nobody answers for a state directory. */
export function notRunning(stateDir: string, hint: CommandContext['hint']): CommandError {
  return new CommandError(
    `Pulse is not running on ${stateDir}: start it with ${hint('up')}, or name another with --state DIR`,
    exitCodes.notRunning,
  )
}
