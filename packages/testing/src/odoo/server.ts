import { answerRequest } from './application.ts'
import { createBus } from './bus.ts'
import { startCron } from './cron.ts'
import { filterDatabases } from './database-filter.ts'
import { createGate } from './gate.ts'
import { listDatabases } from './host-database.ts'
import { startHttpServer } from './http-server.ts'
import { initialise } from './initialise.ts'
import { createLanes } from './lanes.ts'
import { type Answering, admitsHandshake, guard } from './plana-gateway.ts'
import { createRegistries } from './registries.ts'
import type { PortVersion } from './request-target.ts'
import { createScheduleRunner } from './schedule-runner.ts'
import type { Site } from './site.ts'
import { createWebsockets } from './websocket.ts'

export interface RunningServer {
  readonly httpPort: number | undefined
  /** Where websockets are served when there are workers; without, they are on the HTTP port. */
  readonly geventPort: number | undefined
  /** Settles when `--database` is loaded; a number is the exit status of a start that failed. */
  readonly ready: Promise<number | undefined>
  stop(): Promise<void>
}

/** Threads get a second to finish at SIGTERM; workers as long as a request may take at all. */
const threadedGraceMs = 1_000

/** Listens first and loads the registries of `--database` then, in Odoo's order. */
export async function startServer(site: Site): Promise<RunningServer> {
  const { options, log } = site
  const prefork = options.workers > 0
  const registries = createRegistries(site)
  const lanes = createLanes(options.workers, () => (prefork ? createRegistries(site) : registries))
  const bus = createBus(site.databases, log)
  const websockets = createWebsockets(site, registries, bus)
  const gate = createGate()
  const runSchedules = createScheduleRunner(site, registries)
  const servesHost = async (host: string) =>
    filterDatabases(await listDatabases(site), host, options).length === 1

  /** One listener; websockets only where they are served. */
  const listen = (port: number, version: PortVersion, answer: Answering) => {
    const takesWebsockets = version === '1.1' || !prefork
    const guarded = { identity: options.identity, gate, answer, servesHost, runSchedules }
    return startHttpServer({
      host: options.httpInterface,
      port,
      version,
      proxyMode: options.proxyMode,
      log,
      answer: guard(guarded),
      upgrade(request, exchange, socket, head) {
        if (!takesWebsockets || exchange.path !== '/websocket') return false
        if (!admitsHandshake(guarded, exchange) || !gate.enter()) return false
        void websockets.accept(request, exchange, socket, head).finally(gate.leave)
        return true
      },
    })
  }
  const announce = (service: string, port: number) =>
    log.info('odoo.service.server', `${service} running on ${options.httpInterface}:${port}`)

  const http = options.http
    ? await listen(options.httpPort, '1.0', (exchange) =>
        lanes.run((own) => answerRequest(site, own, exchange)),
      )
    : undefined
  if (http) announce('HTTP service (werkzeug)', http.port)
  const evented =
    options.http && prefork
      ? await listen(options.geventPort, '1.1', (exchange) =>
          answerRequest(site, registries, exchange),
        )
      : undefined
  if (evented) announce('Evented Service (longpolling)', evented.port)

  let stopCron = async () => {}
  const load = async () => {
    const status = await initialise(site, registries)
    if (status !== 0) return status
    if (options.maxCronThreads > 0) stopCron = await startCron(site, registries)
    return undefined
  }

  return {
    httpPort: http?.port,
    geventPort: evented?.port,
    ready: load(),
    async stop() {
      log.info('odoo.service.server', prefork ? 'Stopping gracefully' : 'Initiating shutdown')
      websockets.closeAll(!prefork)
      await Promise.all([
        http?.stop(prefork ? options.limitTimeRealSeconds * 1000 : threadedGraceMs),
        evented?.stop(0),
        stopCron(),
      ])
      await bus.close()
      await site.databases.close()
    },
  }
}
