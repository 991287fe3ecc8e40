import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Parameters, ports } from '@pulse/compositions'
import {
  announceNode,
  claimFoldersIn,
  createFirewall,
  createPodRunner,
  detectIsolation,
  noFirewall,
  type PodRunner,
} from '@pulse/engine'
import { compileWorkerAddons, placeReportPrinters, placeSeal, placeWorkerAddons } from '@pulse/odoo'
import { createTaskExecutor } from '../tasks/task-executor.ts'
import { version } from '../version.ts'
import { type Disks, tellDisks, watchDisks } from './disks.ts'
import { mayFork } from './forks/may-fork.ts'
import { runForks } from './forks/run-forks.ts'
import type { Ground } from './ground.ts'
import { createImageTable } from './images.ts'
import { inTurn } from './in-turn.ts'
import { nodeName } from './parameters.ts'
import type { Runtimes } from './runtimes.ts'

/** This machine as the one node of its cluster. */
export interface Node {
  readonly runner: PodRunner
  /** Whether containers run as users of their own. */
  readonly ownUsers: boolean
  /** The same in one word, for what compositions are told. */
  readonly isolation: Parameters['isolation']
  /** Why tenants are not kept apart on the network; undefined when they are. */
  readonly isolationProblem: string | undefined
  readonly disks: Disks
}

/** Adopts the tenants that an earlier Pulse has left running, and is ready for more. */
export async function startNode(
  ground: Ground,
  runtimes: Runtimes,
  { stack, keepsTenants }: { stack: AsyncDisposableStack; keepsTenants: () => boolean },
): Promise<Node> {
  const { config, state, machine, postgres, objects, events, clock, log, metrics } = ground
  const isolation = await detectIsolation()
  const firewall = isolation.ownUsers
    ? await createFirewall({ loopback: machine.loopback, postgres: postgres.tenant, log })
    : noFirewall('tenants share one OS user: run Pulse as root to keep them apart')
  const announce = inTurn(() =>
    announceNode({
      objects,
      clock,
      events,
      log,
      name: nodeName,
      isolation,
      firewallProblem: firewall.problem,
      pulseVersion: version,
      more: [...forks.conditions(), disks.condition()],
    }),
  )
  const tasks = createTaskExecutor({
    module: fileURLToPath(new URL('../main.ts', import.meta.url)),
    args: ['task-runner', '--state', state.root],
    log,
    onStep: ({ task, step, durationMs }) =>
      metrics.record('pulse_task_step_duration_seconds', durationMs / 1000, { task, step }),
  })
  stack.defer(() => tasks.close())
  await placeWorkerPrograms(state.paths, runtimes, log)
  const announceDisks = async () => {
    await announce()
    const node = await objects.get({ apiVersion: 'v1', kind: 'Node', name: nodeName })
    if (node !== undefined) await tellDisks(events, node, disks)
  }
  const disks = watchDisks({ ...ground, folders: foldersOf(ground) }, () => {
    announceDisks().catch((error: unknown) => log.warn({ err: error }, 'full disks not announced'))
  })
  const forks = runForks(ground, runtimes, () => {
    announce().catch((error: unknown) => log.warn({ err: error }, 'node not announced anew'))
  })
  stack.defer(() => forks.close())
  const runner = createPodRunner({
    objects,
    nodeName,
    stateDir: state.root,
    loopback: machine.loopback,
    images: createImageTable(
      runtimes.find,
      { ...state.paths, standInPrograms: join(state.paths.standIn, 'bin') },
      (major, labels) => (mayFork(labels, config) ? forks.find(major) : undefined),
    ),
    volumes: claimFoldersIn(state.paths.volumes),
    tasks,
    isolation,
    uids: machine.uids,
    firewall,
    events,
    clock,
    random: Math.random,
    log: log.child({ part: 'pod-runner' }),
  })
  stack.defer(() => runner.stop({ keepPods: keepsTenants() }))
  await runner.ready
  await announce()
  return {
    runner,
    ownUsers: isolation.ownUsers,
    isolation: isolationOf(isolation.ownUsers, firewall.problem),
    isolationProblem: firewall.problem,
    disks,
  }
}

/** What lies on a disk of its own on some machines. */
function foldersOf({ state: { root, paths }, postgres }: Ground): Readonly<Record<string, string>> {
  return {
    state: root,
    ...(postgres.dataFolder !== undefined && { databases: postgres.dataFolder }),
    filestores: paths.volumes,
    'logs of tenants': paths.pods,
    templates: paths.templates,
  }
}

const addonsSource = fileURLToPath(new URL('../../../../odoo/addons', import.meta.url))

/** What workers need of this machine besides their Odoo. */
async function placeWorkerPrograms(
  { addons, programs }: Ground['state']['paths'],
  runtimes: Runtimes,
  log: Ground['log'],
): Promise<void> {
  await placeWorkerAddons(addons, addonsSource)
  await placeReportPrinters(programs, { httpPort: ports.http })
  await placeSeal(programs, addons)
  const compile = async () => {
    for (const runtime of runtimes.all()) await compileWorkerAddons(addons, runtime)
  }
  const tryToCompile = () =>
    void compile().catch((error: unknown) => log.warn({ err: error }, 'add-ons not compiled'))
  runtimes.onChange(tryToCompile)
  tryToCompile()
}

function isolationOf(ownUsers: boolean, problem: string | undefined): Node['isolation'] {
  if (!ownUsers) return 'shared-user'
  return problem === undefined ? 'enforced' : 'no-firewall'
}
