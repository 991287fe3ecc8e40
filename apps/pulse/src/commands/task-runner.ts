import type { Command } from 'commander'
import type { CommandContext, GlobalFlags } from './context.ts'
import { openTasks } from './open-tasks.ts'

/** The process in which one machine runs all its tasks; started by the server, of no use to people. */
export function addTaskRunner(program: Command, context: CommandContext) {
  program
    .command('task-runner', { hidden: true })
    .action(async (_flags: GlobalFlags, command: Command) => {
      const { deps, config } = await openTasks(context, command.optsWithGlobals<GlobalFlags>())
      const { runTaskCommand } = await import('../tasks/run-task-command.ts')
      const { serveTasks } = await import('../tasks/task-runner.ts')
      await serveTasks(
        (args, write, signal) =>
          runTaskCommand(args, deps, { level: config.logLevel, write, signal }),
        config.taskConcurrency,
      )
      await deps.close()
    })
}
