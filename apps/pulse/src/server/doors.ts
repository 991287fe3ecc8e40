import { createFace, type PodRunner, tokenAuthentication } from '@pulse/engine'
import type { LineState } from '@pulse/odoo'
import { domainsOf } from '../config.ts'
import { gatewayLimitsOf, lifeLimitsOf } from '../gateway-settings.ts'
import { type ChosenPort, choosePort } from '../installation/free-port.ts'
import { makeKubeconfig } from '../installation/identity.ts'
import { saveMachine } from '../installation/machine.ts'
import { writeFileAtomically } from '../installation/state-directory.ts'
import { parkedLimitsOf } from '../parked-settings.ts'
import { instanceAdvice } from '../routing/hand-scaling.ts'
import { scheduleLimitsOf } from '../schedule-settings.ts'
import { openCertificates } from '../tls/open-certificates.ts'
import { speaksTls } from '../tls/tls-settings.ts'
import { version } from '../version.ts'
import { type Descriptors, readDescriptors } from './descriptors.ts'
import type { Disks } from './disks.ts'
import { openGateway } from './gateway.ts'
import type { Ground } from './ground.ts'
import { createLatest, type Latest } from './latest.ts'
import { openMetricsDoor } from './open-metrics-door.ts'
import { listenOn, portUses } from './port-uses.ts'
import type { Running } from './running.ts'
import type { Runtimes } from './runtimes.ts'

const hosts = ['127.0.0.1']

/** Requests at once to one that just woke: threads of one Python process share a core. */
const concurrency = 4

export interface Ports {
  readonly http: number
  readonly api: number
  readonly metrics: number
  /** Which doors are not where they should be, for people to know. */
  readonly warnings: readonly string[]
}

/** Chooses where the doors will be, before they open: resources tell their URLs. Those of the last start come first. */
export async function choosePorts({
  config,
  state,
  machine,
}: Pick<Ground, 'config' | 'state' | 'machine'>): Promise<Ports> {
  const { record } = machine
  const wishes = {
    http: { ...portUses.http, hosts, asked: config.httpPort, usual: [record.httpPort, 8080] },
    api: { ...portUses.api, hosts, asked: config.apiPort, usual: [record.apiPort, 6443] },
    metrics: {
      ...portUses.metrics,
      hosts: [config.metricsHost],
      asked: config.metricsPort,
      usual: [record.metricsPort, 9090],
    },
  }
  // What was asked for comes first: no other door takes it, whatever is usual or was so at the last start.
  const others = Object.values(wishes).flatMap(({ asked = [] }) => asked)
  if (speaksTls(config)) {
    const { port } = await choosePort({
      ...portUses.https,
      hosts,
      asked: config.httpsPort,
      usual: [],
    })
    others.push(port)
  }
  const choose = async ({ usual, ...wish }: (typeof wishes)[keyof typeof wishes]) => {
    const known = usual.filter((port) => port !== undefined)
    const chosen = await choosePort({ ...wish, usual: known, others })
    others.push(chosen.port)
    return chosen
  }
  const http = await choose(wishes.http)
  const api = await choose(wishes.api)
  const metrics = await choose(wishes.metrics)
  const chosen = { httpPort: http.port, apiPort: api.port, metricsPort: metrics.port }
  await saveMachine(state, { ...record, ...chosen })
  const warnings = [
    ...takenWarning(http, 'the gateway listens'),
    ...takenWarning(api, 'the API listens'),
    ...takenWarning(metrics, 'metrics are served'),
  ]
  return { http: http.port, api: api.port, metrics: metrics.port, warnings }
}

function takenWarning({ port, taken }: ChosenPort, who: string): readonly string[] {
  return taken === undefined ? [] : [`port ${taken} is taken: ${who} on ${port}`]
}

export interface OpenDoorsOptions {
  readonly runner: PodRunner
  readonly runtimes: Runtimes
  readonly disks: Disks
  readonly ports: Ports
  /** Whether controllers run. */
  readonly isCarriedOut: () => boolean
  /** How standbys stood in the last round. */
  readonly standbys: Pick<Latest<readonly LineState[]>, 'get'>
}

/** Opens the API for operators and the gateway for tenants. */
export async function openDoors(
  ground: Ground,
  around: OpenDoorsOptions,
  stack: AsyncDisposableStack,
): Promise<Pick<Running, 'api' | 'gateway' | 'gatewayTls' | 'metrics'>> {
  const { config, state, identity, objects, registry, clock, log, signal } = ground
  const { runner, runtimes, disks, ports, isCarriedOut } = around
  const descriptors = readDescriptors()
  const gatewayOpen = createLatest(false)
  const checks = {
    controllers: mustHold(isCarriedOut, 'no controllers run'),
    gateway: mustHold(gatewayOpen.get, 'the gateway does not listen'),
    disks: mustHold(() => disks.full().length === 0, 'a disk is full'),
  }
  const face = createFace({
    checks,
    objects,
    kinds: registry,
    tls: { key: identity.server.key, cert: identity.server.certificate },
    authenticate: tokenAuthentication([
      { token: identity.token, user: { name: 'pulse-admin', groups: ['system:masters'] } },
    ]),
    openLog: runner.openLog,
    adviceOn: instanceAdvice,
    podUse: runner.use,
    connectionsMax: descriptors.apiClients,
    version,
    log: log.child({ part: 'api' }),
    now: clock.now,
  })
  stack.defer(() => face.close())
  await listenOn(portUses.api, ports.api, (port) => face.listen({ host: '127.0.0.1', port }))
  const api = `https://127.0.0.1:${ports.api}`
  await writeFileAtomically(state.paths.kubeconfig, makeKubeconfig(api, identity))

  const gateway = await openGateway({
    objects,
    postgres: ground.postgres,
    events: ground.events,
    figuresPath: state.paths.figures,
    domains: domainsOf(config),
    limits: limitsWithin(descriptors, ground),
    life: lifeLimitsOf(config),
    parked: parkedLimitsOf(config),
    admission: { config, runtimes, paths: state.paths },
    concurrency,
    leaseSeconds: config.gatewayLeaseSeconds,
    schedules: scheduleLimitsOf(config),
    clock,
    log,
    metrics: ground.metrics,
    signal,
  })
  stack.defer(() => gateway.close())
  await listenOn(portUses.http, ports.http, (port) => gateway.listen({ hosts, port }))
  gatewayOpen.set(true)
  const certificates = await openCertificates({
    config,
    log,
    authority: identity.authority,
    isKnown: gateway.isKnown,
    now: clock.now,
  })
  if (certificates !== undefined) {
    stack.defer(async () => certificates.close())
    await listenOn(portUses.https, config.httpsPort, (port) =>
      gateway.listen({ hosts, port, certificates }),
    )
  }

  const metrics = await openMetricsDoor(ground, { ...around, gateway, checks, descriptors }, stack)
  return {
    api,
    gateway: `http://localhost:${ports.http}`,
    ...(certificates && { gatewayTls: `https://localhost:${config.httpsPort}` }),
    metrics,
  }
}

/** As many clients as were asked for, or as there can be. */
function limitsWithin({ most, clients }: Descriptors, { config, log }: Ground) {
  const limits = gatewayLimitsOf(config)
  if (clients >= config.gatewayConnections) return limits
  const facts = { asked: config.gatewayConnections, connections: clients, descriptors: most }
  log.info(facts, 'the limit of open files leaves room for fewer clients than were asked for')
  return { ...limits, connectionsMax: clients }
}

function mustHold(holds: () => boolean, otherwise: string): () => void {
  return () => {
    if (!holds()) throw new Error(otherwise)
  }
}
