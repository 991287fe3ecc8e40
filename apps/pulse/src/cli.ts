import type { KindRegistry } from '@pulse/api'
import { CommanderError } from 'commander'
import { commandLine, type Launch } from './commands/command-line.ts'
import type { CommandContext } from './commands/context.ts'
import { createProgram } from './commands/program.ts'
import { CommandError, exitCodes } from './exit.ts'
import { isStartedByNpm } from './launch/config.ts'
import { standardError, standardOutput } from './terminal/standard.ts'
import { warningPrinter } from './terminal/warnings.ts'

const interrupted = new AbortController()

let registry: Promise<KindRegistry> | undefined

/** Every kind, once a command has to do with kinds at all. */
function loadRegistry(): Promise<KindRegistry> {
  registry ??= import('@pulse/api').then(({ createClientKinds }) => createClientKinds())
  return registry
}

let launch: Launch = { isNpm: isStartedByNpm() }

const onWarning = warningPrinter(standardError)

/** What commands stand on; each part is loaded by the first command that asks for it. */
const context: CommandContext = {
  out: standardOutput,
  err: standardError,
  signal: interrupted.signal,
  kinds: async () => (await loadRegistry()).kinds,
  hint: (words) => commandLine(words, launch),
  async config({ state, httpPort }) {
    const { readConfig } = await import('./config.ts')
    launch = { ...launch, state }
    return readConfig({ stateDir: state, httpPort })
  },
  async connect(config) {
    const { connectTo } = await import('./commands/connect.ts')
    return connectTo(config, await loadRegistry(), { hint: context.hint, onWarning })
  },
  async figures({ stateDir }, environment) {
    const { readFigures } = await import('./commands/read-figures.ts')
    return readFigures(stateDir, environment, interrupted.signal)
  },
  async top({ stateDir }) {
    const { readTop } = await import('./commands/read-top.ts')
    return readTop(stateDir, interrupted.signal)
  },
  async machine({ stateDir }) {
    const { readMachine } = await import('./commands/read-machine.ts')
    return readMachine(stateDir, interrupted.signal)
  },
}

/** Runs one command line; the exit code goes to the process. */
export async function runCommandLine() {
  const words = process.argv.slice(2)
  // A command that waits or follows ends with Ctrl-C; `up` has its own order of ending and listens for itself.
  process.once('SIGINT', () => interrupted.abort())
  process.stdout.on('error', onLostResult)
  process.stderr.on('error', onLostWords)
  try {
    const program = await createProgram(context, words)
    await program.parseAsync(words, { from: 'user' })
  } catch (error) {
    const exitCode = await report(error)
    process.exitCode ??= exitCode
  }
}

/** What stands on a full disk is no result. A server has none, and goes on: its tenants matter more than its words. */
function onLostResult(error: NodeJS.ErrnoException) {
  if (error.code === 'EPIPE') return onClosedPipe()
  standardError.write(`the output cannot be written: ${error.message}\n`)
  process.exitCode = exitCodes.failed
  interrupted.abort()
}

/** Nobody is left to be told. */
function onLostWords(error: NodeJS.ErrnoException) {
  if (error.code === 'EPIPE') onClosedPipe()
}

/** Whoever reads has enough, as `head` does: no mistake, and nothing more to do. A server goes on without readers. */
function onClosedPipe() {
  process.exitCode = exitCodes.closedPipe
  interrupted.abort()
}

/** Tells people what went wrong, and scripts by the exit code. */
async function report(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage
  if (error instanceof CommandError) {
    standardError.write(`${error.message}\n`)
    return error.exitCode
  }
  if (interrupted.signal.aborted) return exitCodes.interrupted
  const { failureOf } = await import('./failure.ts')
  const { text, exitCode } = failureOf(error)
  standardError.write(`${text}\n`)
  return exitCode
}
