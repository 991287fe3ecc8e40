import { type KubeObject, textAt } from '@pulse/api'
import type { Command } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import type { Cluster, CommandContext, GlobalFlags } from './context.ts'
import { withCluster } from './with-cluster.ts'

interface Flags extends GlobalFlags {
  readonly namespace?: string
  readonly container?: string
  readonly follow?: boolean
  readonly previous?: boolean
  readonly tail?: string
}

/** `pulse logs NAME`: a pod with --namespace, else the newest pod of an environment or tenant. */
export function addLogs(program: Command, context: CommandContext) {
  program
    .command('logs <name>')
    .description('show the log of a tenant’s worker, or of any pod')
    .option('-n, --namespace <name>', 'the name is a pod of this namespace')
    .option('-c, --container <name>', 'container, where a pod has several')
    .option('-f, --follow', 'go on until Ctrl-C')
    .option('-p, --previous', 'of the run before the last restart')
    .option('--tail <lines>', 'only the last lines')
    .addHelpText(
      'after',
      `
Examples:
  pulse logs acme -f                  the worker that serves acme
  pulse logs acme-test --tail 50      the worker of its test environment
  pulse logs claim-acme-1a2b3c4d-x7k2p -n crossplane-system`,
    )
    .action(async (name: string, _flags: Flags, command: Command) => {
      await withCluster<Flags>(context, command, async (cluster, flags) => {
        const pod = flags.namespace
          ? { namespace: flags.namespace, pod: name }
          : await podOf(cluster, name)
        const chunks = cluster.logs(
          {
            ...pod,
            follow: flags.follow === true,
            previous: flags.previous === true,
            ...(flags.container !== undefined && { container: flags.container }),
            ...(flags.tail !== undefined && { tailLines: linesOf(flags.tail) }),
          },
          context.signal,
        )
        for await (const chunk of chunks) context.out.write(chunk.toString())
      })
    })
}

function linesOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new CommandError(`--tail ${text}: a number of lines is expected`, exitCodes.usage)
}

/** The newest worker of an environment, found by the Service that its status names. */
async function podOf(cluster: Cluster, name: string) {
  const apiVersion = 'planapulse.com/v1alpha1'
  const environment =
    (await cluster.get({ apiVersion, kind: 'TenantEnvironment', name })) ??
    (await cluster.get({ apiVersion, kind: 'TenantEnvironment', name: `${name}-prod` }))
  if (!environment) throw new CommandError(`there is no tenant or environment "${name}"`)
  const namespace = textAt(environment, 'status.namespace')
  if (namespace === undefined) throw new CommandError(`environment "${name}" has no worker yet`)
  const { items } = await cluster.list({
    apiVersion: 'v1',
    kind: 'Pod',
    namespace,
    labelSelector: 'app.kubernetes.io/name=odoo',
  })
  const newest = items.toSorted(byAge)[0]
  if (!newest) throw new CommandError(`environment "${name}" has no running worker`)
  return { namespace, pod: newest.metadata.name }
}

function byAge(a: KubeObject, b: KubeObject): number {
  return (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? '')
}
