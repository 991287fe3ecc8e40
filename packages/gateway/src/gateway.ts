import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log, ProblemSlug } from '@pulse/api'
import { type Admission, type AdmissionSettings, createAdmission } from './admission/admission.ts'
import { createClients } from './admission/clients.ts'
import { type Handled, Visit } from './admission/visit.ts'
import type { RequestClassName } from './classes/request-class.ts'
import { type Clock, systemClock } from './clock.ts'
import type { RequestTakers } from './connections/incoming-requests.ts'
import { decide } from './decide.ts'
import type { RefusedBy } from './forward/forwarded.ts'
import { createForwardMeans, type ForwardMeans } from './forward/outgoing.ts'
import { defaultGatewayLimits, type GatewayLimits } from './gateway-limits.ts'
import { defaultLifeLimits, type LifeLimits } from './life/life-limits.ts'
import type { LifeState } from './life/life-state.ts'
import { createLives, type Lives, type LivesOptions } from './life/lives.ts'
import type { WakeFacts } from './life/wake-facts.ts'
import type { Waker } from './life/waker.ts'
import { createWanting, type Wanting } from './life/wanting.ts'
import { createListener, type Listener } from './listener.ts'
import { createParking, type ParkedOptions, type Parking } from './parked/parking.ts'
import { createSocketLife } from './parked/socket-life.ts'
import { handleUpgrade } from './parked/upgrade-handler.ts'
import { handleRequest } from './request-handler.ts'
import type { RouteSource } from './route-source.ts'
import { problemToldOf } from './send-answer.ts'
import { createUnderWay, type UnderWay } from './under-way.ts'
import { watchClient } from './upgrade.ts'

export interface GatewayOptions extends Pick<LivesOptions, 'onHeld' | 'onRefusedSleep'> {
  readonly routes: RouteSource
  readonly waker: Waker
  readonly log: Log
  /** Unlike that of every other gateway on the same store. */
  readonly name?: string
  readonly clock?: Clock
  readonly limits?: Partial<GatewayLimits>
  readonly life?: Partial<LifeLimits>
  readonly admission?: AdmissionSettings
  readonly onState?: (environment: string, state: LifeState) => void
  readonly onWake?: (facts: WakeFacts) => void
  readonly onRequest?: (facts: RequestFacts) => void
  /** A backend took nothing of a request: it was sealed, meant another, or could not be reached. */
  readonly onRefused?: (reason: RefusedBy) => void
  /** A client took nothing of its answer for too long, and was cut. */
  readonly onStalled?: () => void
  /** Absent, a WebSocket ends with its backend, and keeps it awake until then. */
  readonly parked?: ParkedOptions
}

/** One finished request or handshake, for the log line and the metrics. */
export interface RequestFacts {
  readonly environment: string | undefined
  readonly status: number
  readonly durationMs: number
  /** Its backend had moved when too much of its body was sent to send it elsewhere: 503, nothing ran. */
  readonly raced: boolean
  /** Of requests for an environment. */
  readonly class: RequestClassName | undefined
  readonly handled: Handled
  /** What the gateway told of instead of an answer of Odoo's: to a client of XML-RPC by a fault, with status 200. */
  readonly problem: ProblemSlug | undefined
}

/** A gateway that is open: its listeners, and what it knows of its environments. */
export interface Gateway extends Listener {
  /** Who is awake, who waits, and the way to wake somebody without a request. */
  readonly lives: Lives
  /** The WebSockets that stay open while their tenants sleep. */
  readonly parking: Pick<Parking, 'sleeping' | 'awake' | 'counts'>
  /** Forgets what it keeps of an environment that is gone, or another one by now. */
  forget(environment: string): void
}

/** The door for all tenants: host → environment → ready worker, woken where it sleeps. */
export function createGateway(options: GatewayOptions): Gateway {
  const { clock = systemClock, onRefused } = options
  const limits = { ...defaultGatewayLimits, ...options.limits }
  const means = { ...createForwardMeans(limits), ...(onRefused && { onRefused }) }
  const parts = createParts(options, clock)
  const { parking, admission, lives } = parts
  const wanting = createWanting(clock)
  const listener = createListener({
    ...limits,
    // Behind each of them are many clients, whom it has to bound by itself.
    sharedAddresses: [...limits.sharedAddresses, ...trustedProxiesOf(options)],
    onDrainEnd: wanting.endAll,
    onStalled: () => options.onStalled?.(),
    ...createTakers(options, { ...parts, ...wanting, means, limits }),
  })

  return {
    lives,
    parking,
    forget(environment) {
      admission.forget(environment)
      lives.forget(environment)
    },
    listen: listener.listen,
    async close() {
      parking.close()
      admission.endPolls()
      await listener.close()
      lives.close()
      await admission.close()
      means.upstream.close()
    },
  }
}

interface Parts {
  readonly underWay: UnderWay
  readonly parking: Parking
  readonly admission: Admission
  readonly lives: Lives
}

/** What knows of the environments and of each other. */
function createParts(options: GatewayOptions, clock: Clock): Parts {
  const { routes, log, onRefused, admission: settings = {} } = options
  const parking = createParking({
    life: createSocketLife({
      lives: () => lives,
      clock,
      mayWake: (waking) => admission.mayWake(waking),
    }),
    ...options.parked,
    ...(onRefused && { onRefused }),
    routes,
    clock,
  })
  const admission = createAdmission({ settings, routes, lives: () => lives, clock, log })
  const underWay = createUnderWay()
  const lifeLimits = { ...defaultLifeLimits, ...options.life }
  const lives = createLives({
    random: Math.random,
    ...options,
    clock,
    epoch: options.clock?.now ?? Date.now,
    self: options.name ?? 'gateway',
    limits: lifeLimits,
    // It counts as any other wake; no limit refuses it.
    onSchedule: (environment) =>
      void admission.mayWake({
        environment,
        entitled: true,
        stayMs: lifeLimits.idleAfterScheduleMs,
      }),
    onOverstay: underWay.cut,
    onState(environment, state) {
      parking.note(environment, state)
      admission.noteState(environment, state)
      options.onState?.(environment, state)
    },
    onWake(facts) {
      admission.noteWake(facts)
      options.onWake?.(facts)
    },
  })
  return { underWay, parking, admission, lives }
}

interface Taking extends Parts, Pick<Wanting, 'wantedBy'> {
  readonly means: ForwardMeans
  readonly limits: GatewayLimits
}

/** What becomes of each request and handshake. */
function createTakers(options: GatewayOptions, taking: Taking): RequestTakers {
  const { log } = options
  const { underWay, admission, lives, parking, means, limits, wantedBy } = taking
  const visitOf = createVisits(options)
  const canPark = options.parked !== undefined
  const polls = options.parked?.protocol.polls
  return {
    async onRequest(request, response) {
      const visit = visitOf(request)
      const tell = createTeller(visit, options)
      // A client that left before its answer is of the 499 class.
      response.on('close', () => {
        tell(response.writableFinished ? response.statusCode : 499)
        noteAnswer(visit, response, parking)
      })
      try {
        const wanted = wantedBy(request, response)
        await handleRequest(visit, response, {
          underWay,
          admission,
          lives,
          wanted,
          means,
          polls,
        })
      } catch (error) {
        giveUp(request, response, { error, log })
      }
    },
    async onUpgrade(request, head) {
      const visit = visitOf(request)
      const tell = createTeller(visit, options)
      watchClient(request.socket)
      try {
        const wanted = wantedBy(request, request.socket)
        const handling = { ...limits, visit, lives, wanted, parking, canPark }
        tell(await handleUpgrade(request, head, handling))
      } catch (error) {
        log.error({ err: error }, 'handshake failed')
        request.socket.destroy()
      }
    },
  }
}

/** Whether its client has heard of it or not: what was carried out has been. */
function noteAnswer(visit: Visit, { statusCode }: ServerResponse, parking: Parking) {
  if (!visit.isToForward()) return
  const { request, decision } = visit
  const { environment } = decision.route
  const { cookie } = request.headers
  parking.answered({ environment, path: decision.path, cookie, status: statusCode })
}

function createVisits(options: GatewayOptions): (request: IncomingMessage) => Visit {
  const { routes, admission: { monitors } = {} } = options
  const clientOf = createClients(trustedProxiesOf(options))
  return (request) => {
    const { method = 'GET', url = '/' } = request
    const client = clientOf(request)
    const decision = decide({ method, target: url, host: client.host }, routes)
    return new Visit(request, { client, decision, monitors })
  }
}

function trustedProxiesOf({ admission }: GatewayOptions): readonly string[] {
  return admission?.trustedProxies ?? []
}

/** A bug of ours: no text, one line in the log. A client that left in the middle of its request is none. */
function giveUp(
  { socket }: IncomingMessage,
  response: ServerResponse,
  { error, log }: { readonly error: unknown; readonly log: Log },
) {
  if (socket.destroyed) return
  log.error({ err: error }, 'request failed')
  if (response.headersSent) response.destroy()
  else response.writeHead(500, { 'Content-Length': 0, Connection: 'close' }).end()
}

/** Starts the clock of a request; the result tells of its end. */
function createTeller(visit: Visit, { onRequest }: GatewayOptions): (status: number) => void {
  const started = performance.now()
  return (status) => {
    const { request, decision, raced, handled } = visit
    const environment = decision.route?.environment
    onRequest?.({
      environment,
      status,
      durationMs: performance.now() - started,
      raced,
      class: environment === undefined ? undefined : visit.row.name,
      handled,
      problem: problemToldOf(request),
    })
  }
}
