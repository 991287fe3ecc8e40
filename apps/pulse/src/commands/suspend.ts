import { apiVersion, clientLabel, type KubeObject, textAt } from '@pulse/api'
import type { Command } from 'commander'
import { CommandError } from '../exit.ts'
import { createProgress } from '../terminal/progress.ts'
import { findCondition } from './conditions.ts'
import type { Cluster, CommandContext, GlobalFlags } from './context.ts'
import { timeoutOption } from './duration.ts'
import { type OutputFlags, outputOption } from './output-option.ts'
import { pollUntil } from './poll-until.ts'
import { withCluster } from './with-cluster.ts'

interface Flags extends GlobalFlags, OutputFlags {
  readonly wait: boolean
  /** In milliseconds. */
  readonly timeout: number
}

/** What a command makes of a customer, and how its addresses say so. */
interface Service {
  readonly status: 'active' | 'suspended'
  /** Reason of `RouteReady`. */
  readonly reason: string
  readonly doing: string
  readonly done: string
}

/** `pulse suspend NAME`: its addresses answer that it is suspended, its own workers stop. */
export function addSuspend(program: Command, context: CommandContext) {
  program
    .command('suspend <name>')
    .description('stop serving a tenant; its data stays, and its address says that it is suspended')
    .option('--no-wait', 'return at once')
    .addOption(timeoutOption('1m'))
    .addOption(outputOption())
    .addHelpText('after', '\nExamples:\n  pulse suspend acme\n  pulse suspend acme --no-wait')
    .action((name: string, _flags: Flags, command: Command) =>
      serve(context, command, name, {
        status: 'suspended',
        reason: 'Suspended',
        doing: 'suspending',
        done: 'is suspended: its address says so, its own workers stop',
      }),
    )
}

/** `pulse resume NAME`: it is served again; the first request wakes it. */
export function addResume(program: Command, context: CommandContext) {
  program
    .command('resume <name>')
    .description('serve a tenant again that was suspended or disabled')
    .option('--no-wait', 'return at once')
    .addOption(timeoutOption('1m'))
    .addOption(outputOption())
    .addHelpText('after', '\nExamples:\n  pulse resume acme\n  pulse resume acme -o json')
    .action((name: string, _flags: Flags, command: Command) =>
      serve(context, command, name, {
        status: 'active',
        reason: 'Routed',
        doing: 'resuming',
        done: 'is served again; the first request wakes it',
      }),
    )
}

async function serve(context: CommandContext, command: Command, name: string, service: Service) {
  await withCluster<Flags>(context, command, async (cluster, flags) => {
    const { status } = service
    await setStatus(cluster, name, status)
    const progress = createProgress(context.err)
    if (flags.wait) {
      progress.step(`${service.doing} ${name}`)
      try {
        await untilAnswered(cluster, name, { service, timeoutMs: flags.timeout, ...context })
      } catch (error) {
        progress.failed(`${name} does not answer so yet`)
        throw error
      }
      progress.done(`${name} ${service.done}`)
    } else progress.note(`${service.doing} ${name}`)
    if (flags.output === 'json') context.out.write(`${JSON.stringify({ client: name, status })}\n`)
  })
}

async function setStatus(cluster: Cluster, name: string, status: Service['status']) {
  const ref = { apiVersion, kind: 'PLANAClient', name }
  if ((await cluster.get(ref)) === undefined) {
    const environment = await cluster.get({ apiVersion, kind: 'TenantEnvironment', name })
    const client = textAt(environment, 'spec.client')
    throw new CommandError(
      client === undefined
        ? `there is no tenant "${name}"`
        : `"${name}" is an environment of ${client}: a tenant is suspended and resumed as a whole`,
    )
  }
  const patch = { spec: { status } }
  await cluster.patch(ref, { type: 'merge', patch }, { fieldManager: 'pulse-suspend' })
}

interface Answered extends Pick<CommandContext, 'signal'> {
  readonly service: Service
  readonly timeoutMs: number
}

/** Until every environment of the customer says so. */
async function untilAnswered(
  cluster: Cluster,
  client: string,
  { service, timeoutMs, signal }: Answered,
) {
  let others: readonly KubeObject[] = []
  await pollUntil(
    async () => {
      const labelSelector = `${clientLabel}=${client}`
      const query = { apiVersion, kind: 'TenantEnvironment', labelSelector, limit: 500 }
      const { items } = await cluster.list(query)
      others = items.filter((one) => findCondition(one, 'RouteReady')?.reason !== service.reason)
      return items.length > 0 && others.length === 0 ? items : undefined
    },
    {
      timeoutMs,
      signal,
      lateWords() {
        const words = others.map(
          (one) =>
            `${one.metadata.name}: ${findCondition(one, 'RouteReady')?.message ?? 'no route'}`,
        )
        return [`timed out waiting for the routes of ${client}`, ...words].join('\n  ')
      },
    },
  )
}
