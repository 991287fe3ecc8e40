import { createKinds, type Log } from '@pulse/api'
import {
  claimFoldersIn,
  createEventRecorder,
  createFace,
  createFirewall,
  createPodRunner,
  createPostgresObjects,
  createVolumeFolders,
  detectIsolation,
  noFirewall,
  runGarbageCollector,
  systemClock,
  tokenAuthentication,
} from '@pulse/engine'
import { createAdministration, openPostgres, prepareServer } from '@pulse/odoo'
import { createMetrics } from '@pulse/service'
import type { PulseConfig } from '../config.ts'
import { choosePort } from '../installation/free-port.ts'
import { makeKubeconfig, openIdentity } from '../installation/identity.ts'
import { takeLockWithin } from '../installation/lock.ts'
import { openMachine, saveMachine } from '../installation/machine.ts'
import { openStateDirectory, writeFileAtomically } from '../installation/state-directory.ts'
import { createTaskExecutor } from '../tasks/task-executor.ts'
import { version } from '../version.ts'
import { runEngine } from './engine.ts'
import { openGateway } from './gateway.ts'
import { createImageTable } from './images.ts'
import { metricDefinitions } from './metrics.ts'
import { domainsOf, machineParameters } from './parameters.ts'
import { openLogOf } from './pod-logs.ts'
import { forgetRunning, type Running, writeRunning } from './running.ts'
import { openRuntimes } from './runtimes.ts'
import { startStandbys } from './standbys.ts'
import { startPurge } from './purge.ts'

export interface ServerOptions {
  readonly config: PulseConfig
  readonly log: Log
  /** Told before each part starts, for people who wait. */
  readonly onStep: (text: string) => void
}

export interface Server {
  readonly running: Running
  /** Whether tenants are served by the stand-in, for want of a real Odoo. */
  readonly standIn: boolean
  /** What does not hold on this machine, for people to know. */
  readonly warnings: readonly string[]
  /** Stops in the reverse order of the start; tenants and PostgreSQL may be left running. */
  stop(options: { readonly keepTenants: boolean }): Promise<void>
}

const loopbackHosts = ['127.0.0.1']

/** Starts everything on one machine, in the order in which the parts stand on each other. */
export async function startServer({ config, log, onStep }: ServerOptions): Promise<Server> {
  const clock = systemClock
  const halt = new AbortController()
  const { signal } = halt
  let keepTenants = false
  await using stack = new AsyncDisposableStack()

  // One server a state directory: two would run each tenant twice.
  const state = await openStateDirectory(config.stateDir)
  const release = await takeLockWithin(state.paths.lock, 2)
  stack.defer(release)
  const identity = await openIdentity(state, clock.now())
  const machine = await openMachine(state)

  // PostgreSQL is the truth; nothing starts before it.
  onStep('starting PostgreSQL')
  const postgres = await openPostgres({
    stateDir: state.root,
    url: config.databaseUrl,
    listenAddress: machine.postgresAddress,
    port: machine.record.postgresPort,
    log: log.child({ part: 'postgres' }),
    signal,
  })
  stack.defer(async () => {
    if (!keepTenants) await postgres.stop()
  })
  const administration = createAdministration(postgres)
  await prepareServer(administration, signal)

  // The resources, and who speaks about them.
  onStep('opening the resources')
  const registry = await createKinds({ domains: domainsOf(config) })
  const objects = await createPostgresObjects({
    connection: { ...connectionOf(postgres.admin), database: administration.registerDatabase },
    kinds: registry.findKind,
    log: log.child({ part: 'store' }),
  })
  stack.defer(() => objects.close())
  const events = createEventRecorder({ objects, log, clock, component: 'pulse-engine' })

  // What runs tenants on this machine.
  onStep('looking after running tenants')
  const runtimes = await openRuntimes(state, log)
  const isolation = await detectIsolation()
  const firewall = isolation.ownUsers
    ? await createFirewall({ loopback: machine.loopback, log })
    : noFirewall('tenants share one OS user: run Pulse as root to keep them apart')
  const tasks = createTaskExecutor({
    module: new URL('../main.ts', import.meta.url).pathname,
    args: ['task-runner', '--state', state.root],
    log,
  })
  stack.defer(() => tasks.close())
  const runner = createPodRunner({
    objects,
    nodeName: 'pulse',
    stateDir: state.root,
    loopback: machine.loopback,
    images: createImageTable(runtimes.find),
    volumes: claimFoldersIn(state.paths.volumes),
    tasks,
    isolation,
    firewall,
    events,
    clock,
    random: Math.random,
    log: log.child({ part: 'pod-runner' }),
  })
  stack.defer(() => runner.stop({ keepPods: keepTenants }))
  await runner.ready

  // The ports are chosen now: resources tell their URLs.
  const httpPort = await choosePort({
    use: 'gateway',
    hosts: loopbackHosts,
    asked: config.httpPort,
    usual: [machine.record.httpPort ?? 8080, 8080],
  })
  const apiPort = await choosePort({
    use: 'API',
    hosts: loopbackHosts,
    asked: config.apiPort,
    usual: [machine.record.apiPort ?? 6443, 6443],
  })
  await saveMachine(state, { ...machine.record, httpPort, apiPort })
  const api = `https://127.0.0.1:${apiPort}`
  await writeFileAtomically(state.paths.kubeconfig, makeKubeconfig(api, identity))

  const engine = await runEngine({
    objects,
    events,
    clock,
    log,
    signal,
    kinds: registry.kinds,
    parameters: (majors) => ({
      ...machineParameters(config, {
        httpPort,
        postgres: postgres.tenant,
        isIsolated: firewall.problem === undefined,
      }),
      majors,
    }),
    runtimes,
    machine: {
      log,
      volumes: createVolumeFolders(state.paths.volumes),
      ...(isolation.ownUsers && { uids: machine.uids }),
    },
  })
  stack.defer(() => engine.stop())
  void runGarbageCollector({ objects, kinds: registry.kinds, log, clock, signal })

  // The doors: the API for operators, the gateway for tenants.
  onStep('opening the doors')
  const face = createFace({
    objects,
    kinds: registry.kinds,
    tls: { key: identity.server.key, cert: identity.server.certificate },
    authenticate: tokenAuthentication([
      { token: identity.token, user: { name: 'pulse-admin', groups: ['system:masters'] } },
    ]),
    openLog: openLogOf(runner),
    version,
    log: log.child({ part: 'api' }),
    now: clock.now,
  })
  stack.defer(() => face.close())
  await face.listen({ host: '127.0.0.1', port: apiPort })
  const metrics = createMetrics(metricDefinitions)
  const gateway = await openGateway({ objects, domains: domainsOf(config), clock, log, metrics, signal })
  stack.defer(() => gateway.close())
  await gateway.listen({ hosts: loopbackHosts, port: httpPort })

  // What works ahead and behind: databases made before they are wanted, deleted data at its end.
  const standbys = startStandbys({ administration, objects, runtimes, clock, log, signal, state })
  stack.defer(() => standbys.stop())
  const purge = startPurge({ administration, tasks, clock, log, signal, state })
  stack.defer(() => purge)

  const running: Running = {
    pid: process.pid,
    version,
    startedAt: clock.now().toISOString(),
    gateway: `http://localhost:${httpPort}`,
    api,
    postgres: { source: postgres.source, major: postgres.major },
  }
  await writeRunning(state.root, running)
  stack.defer(() => forgetRunning(state.root))

  const stops = stack.move()
  return {
    running,
    standIn: runtimes.standIn,
    warnings: [
      ...(firewall.problem === undefined ? [] : [firewall.problem]),
      ...(httpPort === 8080 || config.httpPort ? [] : [`port 8080 is taken: the gateway listens on ${httpPort}`]),
    ],
    async stop(options) {
      keepTenants = options.keepTenants
      halt.abort()
      await stops.disposeAsync()
    },
  }
}

/** The fields of a connection that the store takes. */
function connectionOf(admin: Parameters<typeof createAdministration>[0]['admin']) {
  const { host, port, user, password, ssl } = admin
  return {
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(ssl !== undefined && { ssl }),
  }
}
