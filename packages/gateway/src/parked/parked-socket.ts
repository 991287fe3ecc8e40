import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { Backend } from '../route-source.ts'
import { findBackend, findServing, goingAway } from './find-backend.ts'
import { type Handshake, headersOf, keptBytesOf } from './handshake.ts'
import { createHeldMessages, type HeldMessages } from './held-messages.ts'
import { createLiveness, type Liveness, type Peer } from './liveness.ts'
import type { ParkedGround } from './parked-ground.ts'
import type { Conversation, Message, SocketEnd } from './parked-protocol.ts'
import { relay } from './relay.ts'
import { isLoggedIn } from './session-question.ts'
import { endSocket } from './socket-end.ts'

export interface ParkedSocketOptions {
  readonly environment: string
  readonly hostname: string
  /** What it takes of the budget has been taken. */
  readonly handshake: Handshake
  /** The client's. */
  readonly connection: Socket
  /** The sockets of this environment, itself among them. */
  readonly crowd: Pick<ReadonlySet<ParkedSocket>, 'size'>
  readonly onClose: (socket: ParkedSocket) => void
}

const tryLater: SocketEnd = { code: 1013, reason: '' }

/**
 * One client's WebSocket. Its backend comes and goes: `parked` without one, `queued` for its turn, `attaching`,
 * `attached`. The client sees nothing of that; it is closed only by its own wish, by the tenant's word, or when what it
 * said cannot be kept.
 */
export class ParkedSocket {
  readonly #ground: ParkedGround
  readonly #options: ParkedSocketOptions
  readonly #client: WebSocket
  readonly #liveness: Liveness
  readonly #conversation: Conversation
  #state: 'parked' | 'queued' | 'attaching' | 'attached' | 'closed' = 'parked'
  #backend: WebSocket | undefined
  #held: HeldMessages | undefined
  #keptBytes = 0
  #failures = 0
  #isUnparkable = false
  #isLoggedIn: boolean | undefined
  /** Ends what is under way: the wait for a turn, or the attaching. */
  #stop: (() => void) | undefined

  constructor(ground: ParkedGround, client: WebSocket, options: ParkedSocketOptions) {
    this.#ground = ground
    this.#client = client
    this.#options = options
    this.#conversation = ground.protocol.converse(options)
    this.#liveness = createLiveness({ socket: client, connection: options.connection }, ground)
    client.on('message', (data: Buffer, isBinary) => this.#hear({ data, isBinary }))
    client.on('close', (code, reason) => this.#leave({ code, reason: reason.toString() }))
    // 'close' follows.
    client.on('error', () => {})
  }

  get environment(): string {
    return this.#options.environment
  }

  get hostname(): string {
    return this.#options.hostname
  }

  get isAttached(): boolean {
    return this.#state === 'attached'
  }

  get isParked(): boolean {
    return this.#state === 'parked'
  }

  /** The environment is awake: a backend is attached when this one's turn has come. */
  awake() {
    if (this.#state === 'parked') this.#queue({ isUrgent: false })
  }

  /** The environment is being put to sleep; resolves when the backend's side is closed. */
  async sleep(): Promise<void> {
    if (this.#backend !== undefined) {
      if (this.#isUnparkable) return this.close(tryLater)
      const backend = this.#backend
      this.#detach()
      this.#state = 'parked'
      await closed(backend)
      return
    }
    if (this.#state === 'closed' || this.#isAwaited()) return
    this.#stop?.()
    this.#stop = undefined
    this.#state = 'parked'
  }

  /** Its regular visit: whether both ends are still there, and whether its tenant is still served. */
  visit() {
    if (this.#state === 'closed') return
    if (findServing(this.#ground, this.#options) === undefined) return this.close(goingAway)
    this.#liveness.visit()
  }

  close(end: SocketEnd) {
    endSocket(this.#client, end)
    this.#leave(goingAway)
  }

  /** Somebody has logged out of this session. A backend that knows of its end already takes it for a stranger's. */
  loggedOut(session: string) {
    if (this.#isLoggedIn === true || this.#session() !== session) return
    this.#isLoggedIn = true
    if (this.#state !== 'attached' && this.#state !== 'attaching') return
    if (this.#isUnparkable) return this.close(tryLater)
    const backend = this.#backend
    this.#detach()
    if (backend !== undefined) endSocket(backend, goingAway)
    this.#queue({ isUrgent: this.#isAwaited() })
  }

  /** A backend has taken the handshake; what it says is still unread. */
  attach(peer: Peer, backend: Backend) {
    this.#join(peer)
    void this.#learnLogin(backend)
  }

  #hear(message: Message) {
    if (this.#state === 'closed') return
    const hearing = this.#conversation.hear(message)
    if (!this.#budgetKept()) return this.close(tryLater)
    if (hearing === 'activity') return this.#act(message)
    if (hearing === 'unkeepable') this.#isUnparkable = true
    if (this.#backend !== undefined) return this.#send(this.#backend, message)
    // Kept, it is said to the next backend; lost, the client has to begin anew.
    if (hearing === 'unkeepable') this.close(tryLater)
  }

  #act(message: Message) {
    const { environment } = this.#options
    this.#ground.life.active(environment)
    if (this.#backend !== undefined) return this.#send(this.#backend, message)
    this.#held ??= createHeldMessages(environment, { ...this.#ground, ...this.#ground.limits })
    if (!this.#held.add(message)) return this.close(tryLater)
    if (this.#state !== 'attaching') this.#queue({ isUrgent: true })
  }

  /** Stands in line for a backend; with jitter unless somebody waits. */
  #queue({ isUrgent }: { readonly isUrgent: boolean }) {
    this.#stop?.()
    this.#state = 'queued'
    this.#stop = this.#ground.queue.enter({
      environment: this.#options.environment,
      isUrgent,
      delayMs: isUrgent && this.#failures === 0 ? 0 : this.#delay(),
      run: () => {
        if (this.#state === 'queued') void this.#seekBackend()
      },
    })
  }

  /** Spread over the time that all of them need, and more after each failure. */
  #delay(): number {
    const { jitterMs, attachesPerSecondPerEnvironment } = this.#ground.limits
    const all = (this.#options.crowd.size * 1000) / attachesPerSecondPerEnvironment
    const backOff = this.#failures === 0 ? 0 : 1000 * 2 ** Math.min(this.#failures, 10)
    return this.#ground.random() * Math.min(jitterMs, Math.max(all, backOff))
  }

  async #seekBackend() {
    const stop = new AbortController()
    this.#stop = () => stop.abort()
    this.#state = 'attaching'
    const found = await findBackend(this.#ground, {
      ...this.#options,
      wake: this.#isAwaited(),
      isLoggedIn: this.#wasLoggedIn(),
      signal: stop.signal,
    })
    // It was told to stop, or the client has gone: whoever did that has settled the rest.
    if (stop.signal.aborted) {
      if (found.kind === 'found') found.socket.terminate()
      return
    }
    this.#stop = undefined
    this.#state = 'parked'
    if (found.kind === 'found') return this.attach(found, found.backend)
    if (found.kind === 'end') return this.close(found.end)
    if (found.kind === 'failed' && this.#isAwaited()) return this.close(tryLater)
    if (found.kind === 'not-now') this.#failures += 1
    if (found.kind === 'not-now' || this.#isAwaited()) this.#queue({ isUrgent: this.#isAwaited() })
  }

  /** The conversation first, then what was held, then what the backend has to say. */
  #join(peer: Peer) {
    const { socket: backend } = peer
    this.#stop = undefined
    this.#state = 'attached'
    this.#backend = backend
    this.#liveness.watchBackend(peer)
    backend.on('message', (data: Buffer, isBinary) => this.#heed(backend, { data, isBinary }))
    backend.on('close', (code, reason) =>
      this.#backendEnded(backend, { code, reason: reason.toString() }),
    )
    backend.on('error', () => {})
    for (const message of this.#conversation.resume()) this.#send(backend, message)
    for (const message of this.#held?.takeAll() ?? []) this.#send(backend, message)
    backend.resume()
  }

  #heed(backend: WebSocket, message: Message) {
    if (backend !== this.#backend) return
    this.#failures = 0
    this.#conversation.heed(message)
    relay(message, { from: backend, to: this.#client }, { ...this.#ground.limits, ...this.#ground })
  }

  #send(backend: WebSocket, message: Message) {
    relay(message, { from: this.#client, to: backend }, { ...this.#ground.limits, ...this.#ground })
  }

  #backendEnded(backend: WebSocket, end: SocketEnd) {
    if (backend !== this.#backend) return
    this.#detach()
    if (!this.#ground.protocol.isAbsorbed(end)) return this.close(end)
    if (this.#isUnparkable) return this.close(tryLater)
    this.#failures += 1
    this.#queue({ isUrgent: false })
  }

  #detach() {
    this.#backend = undefined
    this.#liveness.watchBackend(undefined)
    // A slow backend may have held it up.
    this.#client.resume()
  }

  #leave(end: SocketEnd) {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#stop?.()
    if (this.#backend !== undefined) endSocket(this.#backend, end)
    this.#backend = undefined
    this.#held?.takeAll()
    const keptBytes = keptBytesOf(this.#options.handshake) + this.#keptBytes
    this.#ground.budget.take(this.#options.environment, -keptBytes)
    this.#options.onClose(this)
  }

  /** Somebody has said something and waits for it to be delivered. */
  #isAwaited(): boolean {
    return (this.#held?.count ?? 0) > 0
  }

  #budgetKept(): boolean {
    const { keptBytes } = this.#conversation
    const more = keptBytes - this.#keptBytes
    if (more === 0) return true
    if (!this.#ground.budget.take(this.#options.environment, more)) return false
    this.#keptBytes = keptBytes
    return true
  }

  /** Asked while it holds, so that its end can be told from never having been logged in. */
  async #learnLogin(backend: Backend) {
    const { protocol, limits, sessions } = this.#ground
    if (protocol.session === undefined || this.#isLoggedIn !== undefined) return
    const { handshake } = this.#options
    const answer = await isLoggedIn(protocol.session, { ...limits, backend, handshake })
    this.#isLoggedIn ??= answer
    const session = this.#session()
    if (answer === true && session !== undefined) sessions.note(this.environment, session)
  }

  /** As far as anybody knows; of one that was never asked, by its session. */
  #wasLoggedIn(): boolean {
    if (this.#isLoggedIn !== undefined) return this.#isLoggedIn
    const session = this.#session()
    return session !== undefined && this.#ground.sessions.has(this.environment, session)
  }

  /** Made out when it is asked for: thousands are open. */
  #session(): string | undefined {
    return this.#ground.protocol.session?.keyOf(headersOf(this.#options.handshake).cookie)
  }
}

/** Resolves when the close frames are exchanged, or the library's time for that is over. */
function closed(backend: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    backend.once('close', () => resolve())
    endSocket(backend, goingAway)
  })
}
