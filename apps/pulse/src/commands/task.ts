import { tasks } from '@pulse/odoo'
import type { Command } from 'commander'
import { CommandError } from '../exit.ts'
import type { CommandContext, GlobalFlags } from './context.ts'

/** `pulse task NAME`: what Jobs run; and the process in which one machine runs them. */
export function addTask(program: Command, context: CommandContext) {
  program
    .command('task <name> [args...]')
    .description('run one task to its end, as a Job does')
    .allowUnknownOption()
    .addHelpText(
      'after',
      `
Tasks:
${Object.entries(tasks)
  .map(([name, { summary }]) => `  ${name.padEnd(14)} ${summary}`)
  .join('\n')}

Each step is one JSON line. A task that was stopped goes on when it is run again.`,
    )
    .action(async (name: string, args: string[], _flags: GlobalFlags, command: Command) => {
      const exitCode = await runOne(context, command.optsWithGlobals<GlobalFlags>(), [
        'task',
        name,
        ...args,
      ])
      if (exitCode !== 0) throw new CommandError(`task ${name} failed`, exitCode)
    })

  program
    .command('task-runner', { hidden: true })
    .action(async (_flags: GlobalFlags, command: Command) => {
      await serve(context, command.optsWithGlobals<GlobalFlags>())
    })
}

async function runOne(context: CommandContext, flags: GlobalFlags, args: readonly string[]) {
  const { deps, config } = await open(context, flags)
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

async function serve(context: CommandContext, flags: GlobalFlags) {
  const { deps, config } = await open(context, flags)
  const { runTaskCommand } = await import('../tasks/run-task-command.ts')
  const { serveTasks } = await import('../tasks/task-runner.ts')
  await serveTasks(
    (args, write, signal) => runTaskCommand(args, deps, { level: config.logLevel, write, signal }),
    config.taskConcurrency,
  )
  await deps.close()
}

async function open(context: CommandContext, flags: GlobalFlags) {
  const config = context.config(flags)
  const { createLog } = await import('@pulse/service')
  const { openTaskDeps } = await import('../tasks/task-deps.ts')
  const { openRuntimes } = await import('../server/runtimes.ts')
  const log = createLog(config.logLevel)
  const runtimes = await openRuntimes(config, { log, signal: context.signal })
  return { config, deps: await openTaskDeps({ config, log, runtimes: runtimes.find }) }
}
