import type { IncomingMessage } from 'node:http'
import type { Clock } from '../clock.ts'
import type { LifeState } from '../life/life-state.ts'
import type { RouteSource } from '../route-source.ts'
import { answerHandshake, type Handshaking } from './answer-handshake.ts'
import { createAttachQueue } from './attach-queue.ts'
import { createClientSockets, type Switch } from './client-sockets.ts'
import { type Crowd, createCrowds } from './crowds.ts'
import { findServing, goingAway } from './find-backend.ts'
import { keepHandshake, keptBytesOf } from './handshake.ts'
import { createKnownSessions } from './known-sessions.ts'
import { createMemoryBudget } from './memory-budget.ts'
import type { ParkedGround } from './parked-ground.ts'
import { defaultParkedLimits, type ParkedLimits } from './parked-limits.ts'
import type { ParkedProtocol } from './parked-protocol.ts'
import { ParkedSocket } from './parked-socket.ts'
import { passingProtocol } from './passing-protocol.ts'
import type { SocketLife } from './socket-life.ts'

export interface ParkedOptions {
  readonly protocol: ParkedProtocol
  /** By default that of the gateway's own environments. */
  readonly life?: SocketLife
  readonly limits?: Partial<ParkedLimits>
  readonly random?: () => number
}

export interface ParkingOptions extends Partial<ParkedOptions>, Pick<ParkedGround, 'onRefused'> {
  readonly life: SocketLife
  readonly routes: RouteSource
  readonly clock: Clock
}

export interface Answered {
  readonly environment: string
  readonly path: string
  readonly cookie: string | undefined
  readonly status: number
}

/** The clients' WebSockets, which outlive their backends. */
export interface Parking {
  /** Answers a client's handshake; resolves with the status. */
  accept(request: IncomingMessage, head: Buffer, handshaking: Handshaking): Promise<number>
  /** What became of an environment: `sleeping` or `awake` follows from it. */
  note(environment: string, state: LifeState): void
  /** Its sleep is decided: backends' sides are closed (1001), clients stay. Resolves when the last is closed. */
  sleeping(environment: string): Promise<void>
  /** It is awake: its sockets are attached again, as fast as it can bear. */
  awake(environment: string): void
  /** A request has had its answer: a log-out is news for the sockets of its session. */
  answered(answered: Answered): void
  /** Of open sockets. */
  counts(): { readonly attached: number; readonly parked: number }
  /** Says goodbye to all clients (1001); they come back to another gateway by themselves. */
  close(): void
}

export function createParking(options: ParkingOptions): Parking {
  const { clock } = options
  const limits = { ...defaultParkedLimits, ...options.limits }
  const queue = createAttachQueue({ ...limits, clock })
  const budget = createMemoryBudget(limits)
  const ground: ParkedGround = {
    protocol: passingProtocol,
    random: Math.random,
    ...options,
    limits,
    queue,
    budget,
    sessions: createKnownSessions(),
  }
  const switchClient = createClientSockets(limits)
  const crowds = createCrowds(clock, (crowd) => void lookAt(crowd, ground))

  function admit(
    request: IncomingMessage,
    head: Buffer,
    { route, headers, answer }: Handshaking & { readonly answer: Switch },
  ): ParkedSocket | undefined {
    const { environment, hostname } = route
    const handshake = keepHandshake(request, headers)
    const keptBytes = keptBytesOf(handshake)
    // Others may have come while a backend was asked.
    if (!budget.take(environment, keptBytes)) return void request.socket.destroy()
    const client = switchClient(request, head, answer)
    if (client === undefined) {
      budget.take(environment, -keptBytes)
      return undefined
    }
    const { sockets: crowd } = crowds.mustGet(environment)
    const { socket: connection } = request
    const place = { environment, hostname, handshake, connection, crowd, onClose: crowds.leave }
    const socket = new ParkedSocket(ground, client, place)
    crowds.join(socket)
    return socket
  }

  function isFull(request: IncomingMessage, { route, headers }: Handshaking): boolean {
    const own = crowds.get(route.environment)?.sockets.size ?? 0
    if (crowds.size >= limits.sockets || own >= limits.socketsPerEnvironment) return true
    return !budget.hasRoom(route.environment, keptBytesOf(keepHandshake(request, headers)))
  }

  async function sleeping(environment: string) {
    const crowd = crowds.get(environment)
    if (crowd === undefined) return
    crowd.isAsleep = true
    await Promise.all([...crowd.sockets].map((socket) => socket.sleep()))
  }

  function awake(environment: string) {
    const crowd = crowds.get(environment)
    if (crowd === undefined) return
    crowd.isAsleep = false
    for (const socket of crowd.sockets) socket.awake()
  }

  /** Whoever logs out was logged in, even where the gateway has never seen it. */
  function answered({ environment, path, cookie, status }: Answered) {
    const { session } = ground.protocol
    if (session === undefined || status >= 400 || !session.isLogout(path)) return
    const key = session.keyOf(cookie)
    if (key === undefined) return
    ground.sessions.note(environment, key)
    for (const socket of crowds.get(environment)?.sockets ?? []) socket.loggedOut(key)
  }

  return {
    answered,
    accept: (request, head, handshaking) =>
      answerHandshake(request, {
        ...handshaking,
        ground,
        isFull: () => isFull(request, handshaking),
        admit: (answer) => admit(request, head, { ...handshaking, answer }),
      }),
    note(environment, state) {
      if (state === 'awake') awake(environment)
      if (state === 'stopping' || state === 'asleep') void sleeping(environment)
    },
    sleeping,
    awake,
    counts() {
      let attached = 0
      for (const { isAttached } of crowds.all()) attached += isAttached ? 1 : 0
      return { attached, parked: crowds.size - attached }
    },
    close() {
      for (const socket of [...crowds.all()]) socket.close(goingAway)
    },
  }
}

/** A process that died and was started again is awake, and nobody has told of either. */
async function lookAt({ sockets, isAsleep }: Crowd, ground: ParkedGround) {
  const [first] = sockets
  const route = first && findServing(ground, first)
  if (isAsleep || route === undefined || ![...sockets].some(({ isParked }) => isParked)) return
  const backend = await ground.life
    .backend(route, { wake: false }, AbortSignal.timeout(ground.limits.connectTimeoutMs))
    .catch(() => undefined)
  if (backend !== undefined) for (const socket of sockets) socket.awake()
}
