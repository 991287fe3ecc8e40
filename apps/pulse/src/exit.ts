/** What the command's exit codes mean; documented in the CLI reference. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** Waited for something that did not come in time. */
  timeout: 3,
  /** Pulse is not running on this state directory. */
  notRunning: 4,
  /** Ended by Ctrl-C, as shells say of SIGINT. */
  interrupted: 130,
  /** Whoever read the output went away, as shells say of SIGPIPE. */
  closedPipe: 141,
} as const

/** An expected end of a command: a message for people, an exit code for scripts. */
export class CommandError extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number = exitCodes.failed, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CommandError'
    this.exitCode = exitCode
  }
}
