import { hasReason, type KindDefinition } from '@pulse/api'
import { type Command, Option } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import { createProgress } from '../terminal/progress.ts'
import type { Cluster, CommandContext, GlobalFlags } from './context.ts'
import { parseDuration } from './duration.ts'
import { parseResourceArguments, refTo } from './resource-argument.ts'
import { waitUntilGone } from './wait.ts'
import { withCluster } from './with-cluster.ts'

const cascades = ['background', 'foreground', 'orphan'] as const

interface Flags extends GlobalFlags {
  readonly namespace?: string
  readonly wait: boolean
  readonly cascade: (typeof cascades)[number]
  readonly timeout: string
  readonly ignoreNotFound?: boolean
}

const policies = { background: 'Background', foreground: 'Foreground', orphan: 'Orphan' } as const

/** `pulse delete TYPE NAME…`: returns when it is gone, unless told not to wait. */
export function addDelete(program: Command, context: CommandContext) {
  program
    .command('delete <type> <names...>')
    .description('delete resources; the data of a tenant is kept for its retention')
    .option('-n, --namespace <name>', 'namespace of namespaced resources')
    .option('--no-wait', 'return at once')
    .option('--timeout <duration>', 'how long to wait', '5m')
    .option('--ignore-not-found', 'no error when it is not there')
    .addOption(
      new Option('--cascade <mode>', 'what becomes of dependents')
        .choices(cascades)
        .default('background'),
    )
    .addHelpText(
      'after',
      `
Examples:
  pulse delete planaclient acme
  pulse delete pod odoo-acme-7d9c5b6f4-x2x8k -n instance-acme --no-wait`,
    )
    .action(async (type: string, names: string[], _flags: Flags, command: Command) => {
      await withCluster<Flags>(context, command, async (cluster, flags) => {
        for (const { kind, names: wanted } of parseResourceArguments(context.kinds, [
          type,
          ...names,
        ])) {
          if (wanted.length === 0) throw new CommandError('a name is missing', exitCodes.usage)
          for (const name of wanted) await deleteOne(cluster, kind, name, flags, context)
        }
      })
    })
}

async function deleteOne(
  cluster: Cluster,
  kind: KindDefinition,
  name: string,
  flags: Flags,
  { err, signal }: CommandContext,
) {
  const ref = refTo(kind, name, flags.namespace)
  const progress = createProgress(err)
  try {
    await cluster.delete(ref, { propagationPolicy: policies[flags.cascade] })
  } catch (error) {
    if (hasReason(error, 'NotFound') && flags.ignoreNotFound) return
    throw error
  }
  if (!flags.wait) return progress.note(`${kind.singular}/${name} is being deleted`)
  progress.step(`${kind.singular}/${name}: waiting until it is gone`)
  await waitUntilGone(cluster, ref, parseDuration(flags.timeout), signal)
  progress.done(`${kind.singular}/${name} deleted`)
}
