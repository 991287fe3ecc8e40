import { type Command, Option } from 'commander'
import { readRunning } from '../server/running.ts'
import { renderTable } from '../terminal/table.ts'
import { findCondition } from './conditions.ts'
import type { Cluster, CommandContext, GlobalFlags } from './context.ts'
import { ageOf } from './print.ts'
import { withCluster } from './with-cluster.ts'

interface Flags extends GlobalFlags {
  readonly output?: 'json'
}

/** `pulse status`: what runs on this machine, in one screen. */
export function addStatus(program: Command, context: CommandContext) {
  program
    .command('status')
    .description('show what runs on this machine')
    .addOption(new Option('-o, --output <format>', 'json for programs').choices(['json']))
    .addHelpText('after', '\nExamples:\n  pulse status\n  pulse status -o json')
    .action(async (_flags: Flags, command: Command) => {
      await withCluster<Flags>(context, command, async (cluster, flags) => {
        const running = await readRunning((await context.config(flags)).stateDir)
        const counts = await countKinds(cluster)
        if (flags.output === 'json') {
          return void context.out.write(`${JSON.stringify({ ...running, ...counts })}\n`)
        }
        const rows = [
          ['Gateway', running?.gateway ?? ''],
          ...(running?.gatewayTls === undefined ? [] : [['Gateway, TLS', running.gatewayTls]]),
          ['API', running?.api ?? ''],
          ['Metrics', running?.metrics ?? ''],
          ['PostgreSQL', `${running?.postgres.major} (${running?.postgres.source})`],
          ['Version', running?.version ?? ''],
          ['Running for', ageOf(running?.startedAt ?? '', new Date())],
          ['Tenants', `${counts.clients}, ${counts.readyClients} ready`],
          ['Environments', `${counts.environments}, ${counts.readyEnvironments} ready`],
          ['Pods', `${counts.runningPods} running`],
        ]
        context.out.write(`${renderTable(['PART', 'STATE'], rows)}\n`)
      })
    })
}

async function countKinds(cluster: Cluster) {
  const apiVersion = 'planapulse.com/v1alpha1'
  const [clients, environments, pods] = await Promise.all([
    countReady(cluster, { apiVersion, kind: 'PLANAClient' }),
    countReady(cluster, { apiVersion, kind: 'TenantEnvironment' }),
    cluster.list({ apiVersion: 'v1', kind: 'Pod', fieldSelector: 'status.phase=Running' }),
  ])
  return {
    clients: clients.all,
    readyClients: clients.ready,
    environments: environments.all,
    readyEnvironments: environments.ready,
    runningPods: pods.items.length,
  }
}

/** Page by page, so that ten thousand tenants cost no more memory than a page. */
async function countReady(
  cluster: Cluster,
  kind: { readonly apiVersion: string; readonly kind: string },
) {
  let page = await cluster.list({ ...kind, limit: 500 })
  let all = 0
  let ready = 0
  for (;;) {
    all += page.items.length
    ready += page.items.filter((object) => findCondition(object, 'Ready')?.status === 'True').length
    if (page.continue === undefined) return { all, ready }
    page = await cluster.list({ ...kind, limit: 500, continue: page.continue })
  }
}
