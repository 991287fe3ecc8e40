import { checkTaskArgs, TaskArgsError, tasks } from '@pulse/odoo'

/** The task of the machine itself, beside those of environments. */
export const leakCheck = {
  name: 'leak-check',
  summary: 'what stands on this machine and belongs to nobody; it removes nothing',
} as const

/** Every task by its name, for people. */
export const taskSummaries: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(tasks).map(([name, { summary }]) => [name, summary])),
  [leakCheck.name]: leakCheck.summary,
}

/** Refuses a command line that no task understands, with a `TaskArgsError`. */
export function checkTask(name: string, args: readonly string[]): void {
  if (name !== leakCheck.name) checkTaskArgs(name, args)
  else if (args.length > 0) throw new TaskArgsError(name, [`takes no arguments: ${args.join(' ')}`])
}
