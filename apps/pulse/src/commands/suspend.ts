import { apiVersion, clientLabel, type KubeObject, textAt } from '@pulse/api'
import type { Command } from 'commander'
import { CommandError } from '../exit.ts'
import { findCondition } from './conditions.ts'
import type { Cluster, CommandContext } from './context.ts'
import { mustBeName } from './must-be-name.ts'
import { pollUntil } from './poll-until.ts'
import { addSteeringOptions, type SteeringFlags, showWait } from './steering.ts'
import { withCluster } from './with-cluster.ts'

/** What a command makes of a customer, and how its addresses say so. */
interface Service {
  readonly status: 'active' | 'suspended'
  /** Reason of `RouteReady`. */
  readonly reason: string
  readonly doing: string
  readonly done: string
  /** Also done where it has workers of its own. */
  readonly ownWorkers: string
}

/** `pulse suspend NAME`: its addresses answer that it is suspended, its own workers stop. */
export function addSuspend(program: Command, context: CommandContext) {
  const command = program
    .command('suspend <name>')
    .description('stop serving a tenant; its data stays, and its address says that it is suspended')
  addSteeringOptions(command, '1m')
    .addHelpText('after', '\nExamples:\n  pulse suspend acme\n  pulse suspend acme --no-wait')
    .action((name: string, _flags: SteeringFlags, command: Command) =>
      serve(context, command, name, {
        status: 'suspended',
        reason: 'Suspended',
        doing: 'suspending',
        done: 'is suspended: its address says so',
        ownWorkers: ', its own workers stop',
      }),
    )
}

/** `pulse resume NAME`: it is served again; the first request wakes it. */
export function addResume(program: Command, context: CommandContext) {
  const command = program
    .command('resume <name>')
    .description('serve a tenant again that was suspended or disabled')
  addSteeringOptions(command, '1m')
    .addHelpText('after', '\nExamples:\n  pulse resume acme\n  pulse resume acme -o json')
    .action((name: string, _flags: SteeringFlags, command: Command) =>
      serve(context, command, name, {
        status: 'active',
        reason: 'Routed',
        doing: 'resuming',
        done: 'is served again',
        ownWorkers: '; the first request wakes it',
      }),
    )
}

async function serve(context: CommandContext, command: Command, name: string, service: Service) {
  await withCluster<SteeringFlags>(context, command, async (cluster, flags) => {
    const { status } = service
    await setStatus(cluster, name, status)
    const environments = await environmentsOf(cluster, name)
    const hasOwn = environments.some((one) => textAt(one, 'spec.hosting') === 'instance')
    const words = {
      told: `${service.doing} ${name}`,
      doing: `${service.doing} ${name}`,
      done: `${name} ${service.done}${hasOwn ? service.ownWorkers : ''}`,
      failed: `${name} does not answer so yet`,
      goesOn: `${name} will answer so all the same: its spec.status is ${status}`,
    }
    const waiting = () =>
      untilAnswered(cluster, name, { service, timeoutMs: flags.timeout, ...context })
    await showWait(context.err, words, flags.wait ? waiting : undefined)
    if (flags.output === 'json') context.out.write(`${JSON.stringify({ client: name, status })}\n`)
  })
}

async function setStatus(cluster: Cluster, name: string, status: Service['status']) {
  mustBeName(name)
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
      const items = await environmentsOf(cluster, client)
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

async function environmentsOf(cluster: Cluster, client: string): Promise<readonly KubeObject[]> {
  const labelSelector = `${clientLabel}=${client}`
  const query = { apiVersion, kind: 'TenantEnvironment', labelSelector, limit: 500 }
  return (await cluster.list(query)).items
}
