import { hasReason, type ObjectRef } from '@pulse/api'
import { type Command, Option } from 'commander'
import { createProgress } from '../terminal/progress.ts'
import type { CommandContext } from './context.ts'
import { timeoutOption } from './duration.ts'
import { type OutputFlags, outputOption } from './output-option.ts'
import { retentionWords } from './retention.ts'
import { waitUntilGone } from './wait-until.ts'
import { type NamedResource, type ResourceFlags, withResources } from './with-resources.ts'

const cascades = ['background', 'foreground', 'orphan'] as const

interface Flags extends ResourceFlags, OutputFlags {
  readonly wait: boolean
  readonly cascade: (typeof cascades)[number]
  /** In milliseconds. */
  readonly timeout: number
  readonly ignoreNotFound?: boolean
}

const policies = { background: 'Background', foreground: 'Foreground', orphan: 'Orphan' } as const

/** `pulse delete TYPE NAME…`: returns when it is gone, unless told not to wait. */
export function addDelete(program: Command, context: CommandContext) {
  program
    .command('delete <type> [names...]')
    .description('delete resources; the data of a tenant is kept for its retention')
    .option('-n, --namespace <name>', 'namespace of namespaced resources')
    .option('--no-wait', 'return at once')
    .addOption(timeoutOption())
    .option('--ignore-not-found', 'no error when it is not there')
    .addOption(
      new Option('--cascade <mode>', 'what becomes of dependents')
        .choices(cascades)
        .default('background'),
    )
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
Examples:
  pulse delete planaclient acme
  pulse delete planaclient acme globex --no-wait -o json
  pulse delete pod odoo-acme-7d9c5b6f4-x2x8k -n instance-acme --no-wait`,
    )
    .action(async (type: string, names: string[], { output }: Flags, command: Command) => {
      const words = [type, ...names]
      await withResources<Flags, Outcome>(
        context,
        { command, words },
        {
          each: (resource) => deleteOne(resource, context),
          show(outcomes) {
            if (output === 'json') context.out.write(`${JSON.stringify(outcomes, undefined, 2)}\n`)
          },
        },
      )
    })
}

/** What has become of an object. */
interface Outcome extends ObjectRef {
  readonly state: 'absent' | 'deleting' | 'deleted'
}

async function deleteOne(
  { cluster, ref, label, flags }: NamedResource<Flags>,
  { err, signal }: CommandContext,
): Promise<Outcome> {
  const progress = createProgress(err)
  const before = ref.kind === 'PLANAClient' ? await cluster.get(ref) : undefined
  const retention = retentionWords(before, new Date())
  try {
    await cluster.delete(ref, { propagationPolicy: policies[flags.cascade] })
  } catch (error) {
    if (hasReason(error, 'NotFound') && flags.ignoreNotFound) return { ...ref, state: 'absent' }
    throw error
  }
  if (!flags.wait) {
    progress.note(`${label} is being deleted${retention}`)
    return { ...ref, state: 'deleting' }
  }
  progress.step(`${label}: waiting until it is gone`)
  await waitUntilGone(cluster, ref, { timeoutMs: flags.timeout, signal })
  progress.done(`${label} deleted${retention}`)
  return { ...ref, state: 'deleted' }
}
