import type { IncomingMessage } from 'node:http'
import type { RouteSource } from '../route-source.ts'
import { answerHandshake, type Handshaking } from './answer-handshake.ts'
import { createAttachQueue } from './attach-queue.ts'
import { createClientSockets, type Switch } from './client-sockets.ts'
import type { Clock } from '../clock.ts'
import { findServing, goingAway } from './find-backend.ts'
import { keepHandshake } from './handshake.ts'
import { createMemoryBudget } from './memory-budget.ts'
import type { ParkedGround } from './parked-ground.ts'
import type { ParkedLimits } from './parked-limits.ts'
import type { ParkedProtocol } from './parked-protocol.ts'
import { ParkedSocket } from './parked-socket.ts'
import type { SocketLife } from './socket-life.ts'

export interface ParkingOptions {
  readonly protocol: ParkedProtocol
  readonly life: SocketLife
  readonly routes: RouteSource
  readonly limits: ParkedLimits
  readonly clock?: Clock
  readonly random?: () => number
}

/** The clients' WebSockets, which outlive their backends. */
export interface Parking {
  /** Answers a client's handshake; resolves with the status. */
  accept(request: IncomingMessage, head: Buffer, handshaking: Handshaking): Promise<number>
  /** It is being put to sleep: backends' sides are closed (1001), clients stay. Resolves when the last is closed. */
  sleeping(environment: string): Promise<void>
  /** It is awake: its sockets are attached again, as fast as it can bear. */
  awake(environment: string): void
  /** Of open sockets. */
  counts(): { readonly attached: number; readonly parked: number }
  /** Says goodbye to all clients (1001); they come back to another gateway by themselves. */
  close(): void
}

const visitEveryMs = 1_000
/** Between two looks for environments that are awake again without anybody having said so. */
const lookEveryVisits = 5

export function createParking(options: ParkingOptions): Parking {
  const { limits, clock = monotonicClock, random = Math.random } = options
  const queue = createAttachQueue({ ...limits, clock })
  const budget = createMemoryBudget(limits)
  const ground: ParkedGround = { ...options, clock, random, queue, budget }
  const switchClient = createClientSockets(limits)
  const crowds = new Map<string, Crowd>()
  let size = 0
  let visits = 0
  let stopVisits: (() => void) | undefined

  function admit(
    request: IncomingMessage,
    head: Buffer,
    { route, headers, answer }: Handshaking & { readonly answer: Switch },
  ): ParkedSocket | undefined {
    const handshake = keepHandshake(request, headers)
    const client = switchClient(request, head, answer)
    if (client === undefined) return undefined
    const { environment, hostname } = route
    const crowd = crowds.get(environment) ?? { sockets: new Set(), isAsleep: false }
    crowds.set(environment, crowd)
    const socket = new ParkedSocket(ground, client, {
      environment,
      hostname,
      handshake,
      crowd: crowd.sockets,
      onClose: leave,
    })
    crowd.sockets.add(socket)
    size += 1
    stopVisits ??= clock.after(visitEveryMs, visit)
    return socket
  }

  function leave(socket: ParkedSocket) {
    const crowd = crowds.get(socket.environment)
    if (!crowd?.sockets.delete(socket)) return
    size -= 1
    if (crowd.sockets.size === 0) crowds.delete(socket.environment)
  }

  function visit() {
    visits += 1
    for (const { sockets } of crowds.values()) for (const socket of sockets) socket.visit()
    if (visits % lookEveryVisits === 0)
      for (const crowd of crowds.values()) void lookAt(crowd, ground)
    stopVisits = size === 0 ? undefined : clock.after(visitEveryMs, visit)
  }

  return {
    accept: (request, head, handshaking) =>
      answerHandshake(request, {
        ...handshaking,
        ground,
        isFull: () =>
          size >= limits.sockets ||
          (crowds.get(handshaking.route.environment)?.sockets.size ?? 0) >=
            limits.socketsPerEnvironment,
        admit: (answer) => admit(request, head, { ...handshaking, answer }),
      }),
    async sleeping(environment) {
      const crowd = crowds.get(environment)
      if (crowd === undefined) return
      crowd.isAsleep = true
      await Promise.all([...crowd.sockets].map((socket) => socket.sleep()))
    },
    awake(environment) {
      const crowd = crowds.get(environment)
      if (crowd === undefined) return
      crowd.isAsleep = false
      for (const socket of crowd.sockets) socket.awake()
    },
    counts() {
      let attached = 0
      for (const { sockets } of crowds.values()) {
        for (const { isAttached } of sockets) attached += isAttached ? 1 : 0
      }
      return { attached, parked: size - attached }
    },
    close() {
      for (const { sockets } of [...crowds.values()]) {
        for (const socket of [...sockets]) socket.close(goingAway)
      }
      stopVisits?.()
      stopVisits = undefined
    },
  }
}

interface Crowd {
  readonly sockets: Set<ParkedSocket>
  /** Said, and not taken back yet. */
  isAsleep: boolean
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
