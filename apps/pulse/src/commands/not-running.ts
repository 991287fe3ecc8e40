import { CommandError, exitCodes } from '../exit.ts'

/** Nobody answers for a state directory. */
export function notRunning(stateDir: string): CommandError {
  return new CommandError(
    `Pulse is not running on ${stateDir}: start it with pulse up, or name another with --state DIR`,
    exitCodes.notRunning,
  )
}
