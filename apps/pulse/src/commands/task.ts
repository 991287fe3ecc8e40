import { TaskArgsError } from '@pulse/odoo'
import type { Command } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import { checkTask, taskSummaries } from '../tasks/leak-check.ts'
import type { CommandContext, GlobalFlags } from './context.ts'
import { openTasks } from './open-tasks.ts'

/** `pulse task NAME`: what Jobs run. */
export function addTask(program: Command, context: CommandContext) {
  program
    .command('task <name> [args...]')
    .description('run one task to its end, as a Job does')
    .allowUnknownOption()
    .addHelpText(
      'after',
      `
Examples:
  pulse task fill --id=by-hand-1 --edition=basic --major=18 --hosting=pool

Tasks:
${Object.entries(taskSummaries)
  .map(([name, summary]) => `  ${name.padEnd(14)} ${summary}`)
  .join('\n')}

Each step is one JSON line. A task that was stopped goes on when it is run again.`,
    )
    .action(async (name: string, args: string[], _flags: GlobalFlags, command: Command) => {
      check(name, args)
      const exitCode = await runOne(context, command.optsWithGlobals<GlobalFlags>(), [
        'task',
        name,
        ...args,
      ])
      if (exitCode !== 0) throw new CommandError(`task ${name} failed`, exitCode)
    })
}

function check(name: string, args: readonly string[]) {
  try {
    checkTask(name, args)
  } catch (error) {
    if (!(error instanceof TaskArgsError)) throw error
    throw new CommandError(error.message, exitCodes.usage, { cause: error })
  }
}

async function runOne(context: CommandContext, flags: GlobalFlags, args: readonly string[]) {
  const { deps, config } = await openTasks(context, flags)
  const { runTaskCommand } = await import('../tasks/run-task-command.ts')
  try {
    return await runTaskCommand(args, deps, {
      level: config.logLevel,
      write: (line) => context.out.write(line),
      signal: context.signal,
    })
  } finally {
    await deps.close()
  }
}
