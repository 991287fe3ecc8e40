import type { Command } from 'commander'
import type { Cluster, CommandContext, GlobalFlags } from './context.ts'

/** Runs a command's work on the API and lets the connection go, whatever happens. */
export async function withCluster<Flags extends GlobalFlags>(
  context: CommandContext,
  command: Command,
  work: (cluster: Cluster, flags: Flags) => Promise<void>,
) {
  const flags = command.optsWithGlobals<Flags>()
  const cluster = await context.connect(await context.config(flags))
  try {
    await work(cluster, flags)
  } finally {
    await cluster.close()
  }
}
