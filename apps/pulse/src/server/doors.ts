import { createFace, type PodRunner, tokenAuthentication } from '@pulse/engine'
import { domainsOf } from '../config.ts'
import { gatewayLimitsOf, lifeLimitsOf } from '../gateway-settings.ts'
import { type ChosenPort, choosePort } from '../installation/free-port.ts'
import { makeKubeconfig } from '../installation/identity.ts'
import { saveMachine } from '../installation/machine.ts'
import { writeFileAtomically } from '../installation/state-directory.ts'
import { version } from '../version.ts'
import { openGateway } from './gateway.ts'
import type { Ground } from './ground.ts'

const hosts = ['127.0.0.1']

/** Requests at once to one that just woke: threads of one Python process share a core. */
const concurrency = 4

export interface Ports {
  readonly http: number
  readonly api: number
  /** Which doors are not where they should be, for people to know. */
  readonly warnings: readonly string[]
}

/** Chooses where the doors will be, before they open: resources tell their URLs. Those of the last start come first. */
export async function choosePorts({ config, state, machine }: Ground): Promise<Ports> {
  const { record } = machine
  const usual = (last: number | undefined, port: number) => (last ? [last, port] : [port])
  const http = await choosePort({
    use: 'gateway',
    hosts,
    asked: config.httpPort,
    usual: usual(record.httpPort, 8080),
  })
  const api = await choosePort({
    use: 'API',
    hosts,
    asked: config.apiPort,
    usual: usual(record.apiPort, 6443),
  })
  await saveMachine(state, { ...record, httpPort: http.port, apiPort: api.port })
  const warnings = [
    ...takenWarning(http, 'the gateway listens'),
    ...takenWarning(api, 'the API listens'),
  ]
  return { http: http.port, api: api.port, warnings }
}

function takenWarning({ port, taken }: ChosenPort, who: string): readonly string[] {
  return taken === undefined ? [] : [`port ${taken} is taken: ${who} on ${port}`]
}

/** Opens the API for operators and the gateway for tenants. */
export async function openDoors(
  ground: Ground,
  { runner, ports }: { readonly runner: PodRunner; readonly ports: Ports },
  stack: AsyncDisposableStack,
): Promise<{ readonly api: string; readonly gateway: string }> {
  const {
    config,
    state,
    identity,
    administration,
    objects,
    postgres,
    registry,
    clock,
    log,
    metrics,
    signal,
  } = ground
  const face = createFace({
    metrics: metrics.text,
    objects,
    kinds: registry,
    tls: { key: identity.server.key, cert: identity.server.certificate },
    authenticate: tokenAuthentication([
      { token: identity.token, user: { name: 'pulse-admin', groups: ['system:masters'] } },
    ]),
    openLog: runner.openLog,
    version,
    log: log.child({ part: 'api' }),
    now: clock.now,
  })
  stack.defer(() => face.close())
  await face.listen({ host: '127.0.0.1', port: ports.api })
  const api = `https://127.0.0.1:${ports.api}`
  await writeFileAtomically(state.paths.kubeconfig, makeKubeconfig(api, identity))

  const gateway = await openGateway({
    objects,
    administration,
    domains: domainsOf(config),
    limits: gatewayLimitsOf(config),
    life: lifeLimitsOf(config),
    concurrency,
    leaseSeconds: config.gatewayLeaseSeconds,
    calendar: postgres,
    clock,
    log,
    metrics,
    signal,
  })
  stack.defer(() => gateway.close())
  await gateway.listen({ hosts, port: ports.http })
  return { api, gateway: `http://localhost:${ports.http}` }
}
