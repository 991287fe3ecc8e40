import type { CommandContext, GlobalFlags } from './context.ts'

/** What tasks work with on this machine; close it when the last one is done. */
export async function openTasks(context: CommandContext, flags: GlobalFlags) {
  const config = await context.config(flags)
  const { createLog } = await import('@pulse/service')
  const { openTaskDeps } = await import('../tasks/task-deps.ts')
  const { openRuntimes } = await import('../server/runtimes.ts')
  const log = createLog(config.logLevel)
  const runtimes = await openRuntimes(config, { log, signal: context.signal })
  return { config, deps: await openTaskDeps({ config, log, runtimes: runtimes.find }) }
}
