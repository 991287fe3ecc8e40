import { apiVersion, type KubeObject, recordOf } from '@pulse/api'
import { labelKeys } from '@pulse/compositions'
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
          ['Environments', environmentWords(counts)],
          ['Pods', `${counts.runningPods} running`],
        ]
        context.out.write(`${renderTable(['PART', 'STATE'], rows)}\n`)
      })
    })
}

function environmentWords(counts: Counts): string {
  const { environments, readyEnvironments, asleepEnvironments } = counts
  return `${environments}, ${readyEnvironments} ready, ${asleepEnvironments} asleep`
}

interface Counts {
  readonly clients: number
  readonly readyClients: number
  readonly environments: number
  readonly readyEnvironments: number
  readonly asleepEnvironments: number
  readonly runningPods: number
}

async function countKinds(cluster: Cluster): Promise<Counts> {
  const [clients, environments, sleepers, pods] = await Promise.all([
    countAll(cluster, { apiVersion, kind: 'PLANAClient' }, isReady),
    countAll(cluster, { apiVersion, kind: 'TenantEnvironment' }, isReady),
    countAll(cluster, instances, isAsleep),
    cluster.list({ apiVersion: 'v1', kind: 'Pod', fieldSelector: 'status.phase=Running' }),
  ])
  return {
    clients: clients.all,
    readyClients: clients.chosen,
    environments: environments.all,
    readyEnvironments: environments.chosen,
    asleepEnvironments: sleepers.chosen,
    runningPods: pods.items.length,
  }
}

const instances = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  labelSelector: `${labelKeys.tier}=instance`,
}

function isReady(object: KubeObject): boolean {
  return findCondition(object, 'Ready')?.status === 'True'
}

/** Whose tenant is served, and nothing of it runs. */
function isAsleep({ metadata, spec }: KubeObject): boolean {
  return metadata.labels?.[labelKeys.status] === 'active' && recordOf(spec).replicas === 0
}

/** Page by page, so that ten thousand tenants cost no more memory than a page. */
async function countAll(
  cluster: Cluster,
  kind: Parameters<Cluster['list']>[0],
  isChosen: (object: KubeObject) => boolean,
): Promise<{ readonly all: number; readonly chosen: number }> {
  let page = await cluster.list({ ...kind, limit: 500 })
  let all = 0
  let chosen = 0
  for (;;) {
    all += page.items.length
    chosen += page.items.filter(isChosen).length
    if (page.continue === undefined) return { all, chosen }
    page = await cluster.list({ ...kind, limit: 500, continue: page.continue })
  }
}
