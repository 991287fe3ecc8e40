import { apiVersion, type KindDefinition, type KubeObject, recordOf, textAt } from '@pulse/api'
import type { Command } from 'commander'
import { CommandError, exitCodes } from '../exit.ts'
import type { Cluster, CommandContext } from './context.ts'
import { addLogsFlags, type LogsFlags } from './logs-flags.ts'
import { mustBeName } from './must-be-name.ts'
import { parseResourceArguments } from './resource-argument.ts'
import { withCluster } from './with-cluster.ts'

/** `pulse logs NAME`: a pod with --namespace or as pod/NAME, else the newest pod of an environment or tenant. */
export function addLogs(program: Command, context: CommandContext) {
  addLogsFlags(program.command('logs <name>'))
    .description('show the log of a tenant’s worker, or of any pod')
    .addHelpText(
      'after',
      `
Examples:
  pulse logs acme -f                  the worker that serves acme
  pulse logs acme-test --tail 50      the worker of its test environment
  pulse logs claim-acme-1a2b3c4d-x7k2p -n crossplane-system`,
    )
    .action(async (name: string, _flags: LogsFlags, command: Command) => {
      const subject = parseSubject(await context.kinds(), name)
      await withCluster<LogsFlags>(context, command, async (cluster, flags) => {
        const isPod = subject.isPod || flags.namespace !== undefined
        const pod = isPod
          ? { namespace: flags.namespace ?? 'default', pod: subject.name }
          : await podOf(cluster, subject.name, context.hint)
        const chunks = cluster.logs(
          {
            ...pod,
            follow: flags.follow === true,
            previous: flags.previous === true,
            ...(flags.container !== undefined && { container: flags.container }),
            ...(typeof flags.tail === 'number' && { tailLines: flags.tail }),
          },
          context.signal,
        )
        for await (const chunk of chunks) context.out.write(chunk.toString())
      })
    })
}

/** `NAME` alone, or with what it is before it, as kubectl takes it: `pod/NAME`. */
function parseSubject(kinds: readonly KindDefinition[], word: string) {
  if (!word.includes('/')) return { name: word, isPod: false }
  for (const { kind, names } of parseResourceArguments(kinds, [word])) {
    const [name = ''] = names
    if (kind.kind === 'Pod') return { name, isPod: true }
    if (['PLANAClient', 'TenantEnvironment'].includes(kind.kind)) return { name, isPod: false }
  }
  throw new CommandError(
    `${word} has no log: name a tenant, an environment or pod/NAME`,
    exitCodes.usage,
  )
}

/** The newest worker of an environment, found by the Service that its status names. */
async function podOf(cluster: Cluster, name: string, hint: CommandContext['hint']) {
  mustBeName(name)
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
  if (newest) return { namespace, pod: newest.metadata.name }
  throw new CommandError(await whyNoLog(cluster, { name, namespace, environment, hint }))
}

interface NoLog extends Pick<CommandContext, 'hint'> {
  /** As it was asked for. */
  readonly name: string
  readonly namespace: string
  readonly environment: KubeObject
}

async function whyNoLog(
  cluster: Cluster,
  { name, namespace, environment, hint }: NoLog,
): Promise<string> {
  const client = textAt(environment, 'spec.client') ?? ''
  const owner = await cluster.get({ apiVersion, kind: 'PLANAClient', name: client })
  const status = textAt(owner, 'spec.status')
  if (status === 'suspended' || status === 'disabled') {
    return `environment "${name}" is ${status}, and the log of its worker is gone: ${hint(`resume ${client}`)} has it served again`
  }
  const workers = await cluster.list({ apiVersion: 'apps/v1', kind: 'Deployment', namespace })
  return workers.items.some(({ spec }) => recordOf(spec).replicas === 0)
    ? `environment "${name}" sleeps, and the log of its worker is gone with it: ${hint(`wake ${name}`)} starts another`
    : `environment "${name}" has no running worker`
}

function byAge(a: KubeObject, b: KubeObject): number {
  return (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? '')
}
