import { createClientKinds, StatusError } from '@pulse/api'
import { ConfigError } from '@pulse/service'
import { CommanderError } from 'commander'
import { connectTo } from './commands/connect.ts'
import { createProgram } from './commands/program.ts'
import { readConfig } from './config.ts'
import { CommandError, exitCodes } from './exit.ts'
import { standardError, standardOutput } from './terminal/standard.ts'

const interrupted = new AbortController()

/** Runs one command line; the exit code goes to the process. */
export async function runCommandLine() {
  const registry = createClientKinds()
  const program = createProgram({
    out: standardOutput,
    err: standardError,
    kinds: registry.kinds,
    signal: interrupted.signal,
    config: ({ state, httpPort }) => readConfig({ stateDir: state, httpPort }),
    connect: (config) => connectTo(config, registry),
  })
  // A command that waits or follows ends with Ctrl-C; `up` has its own order of ending and listens for itself.
  process.once('SIGINT', () => interrupted.abort())
  try {
    await program.parseAsync()
  } catch (error) {
    process.exitCode = report(error)
  }
}

/** Tells people what went wrong, and scripts by the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage
  if (interrupted.signal.aborted && !(error instanceof CommandError)) return 130
  standardError.write(`${textOf(error)}\n`)
  if (error instanceof CommandError) return error.exitCode
  return error instanceof ConfigError ? exitCodes.usage : exitCodes.failed
}

function textOf(error: unknown): string {
  if (!(error instanceof StatusError))
    return error instanceof Error ? chainOf(error) : String(error)
  const causes = error.details.causes ?? []
  return [error.message, ...causes.map(({ field, message }) => `  ${field}: ${message}`)].join('\n')
}

/** An error and what caused it, one line each. */
function chainOf(error: Error): string {
  const { cause } = error
  return cause instanceof Error && !(error instanceof CommandError)
    ? `${error.message}\n  because ${chainOf(cause)}`
    : error.message
}
