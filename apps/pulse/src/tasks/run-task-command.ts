import { finalExitCode } from '@pulse/compositions'
import { FinalError, runTask } from '@pulse/odoo'
import type { LogLevel } from '@pulse/service'
import { createLog } from '@pulse/service'
import { checkTask, leakCheck } from './leak-check.ts'
import type { OpenTaskDeps } from './task-deps.ts'

export interface TaskOutput {
  readonly level: LogLevel
  /** One JSON line a step. */
  readonly write: (line: string) => void
}

/** Carries out `task NAME ARGS…`; resolves with the exit code. What went wrong is the last line of the output. */
export async function runTaskCommand(
  args: readonly string[],
  deps: Omit<OpenTaskDeps, 'close'>,
  { write, level, signal }: TaskOutput & { readonly signal: AbortSignal },
): Promise<number> {
  const [command, name = '', ...rest] = args
  const log = createLog(level, { write })
  try {
    if (command !== 'task') throw new Error(`"${command}" is no command of the server image`)
    checkTask(name, rest)
    if (name === leakCheck.name) await deps.checkLeaks({ log, signal })
    else await runTask(name, rest, { deps: { ...deps, log }, signal })
    return 0
  } catch (error) {
    log.error({ task: name, err: error }, 'task failed')
    write(`${error instanceof Error ? error.message : String(error)}\n`)
    // What a stop has cut short may look broken for good.
    return error instanceof FinalError && !signal.aborted ? finalExitCode : 1
  }
}
