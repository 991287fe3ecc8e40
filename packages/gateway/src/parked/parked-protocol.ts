import type { IncomingHttpHeaders } from 'node:http'
import type { PlainAnswer } from '../plain-answer.ts'

/**
 * What the frames of a parked WebSocket mean. The gateway itself knows none of them: it holds sockets, and what a
 * backend must be told after a pause is the protocol's to remember. `packages/odoo` implements Odoo's.
 */
export interface ParkedProtocol {
  /** Begins with each socket; must keep little, since thousands are open at a time. */
  converse(socket: ParkedPlace): Conversation
  /** Why a backend would refuse this handshake (400), as far as that shows without asking one. */
  objection(headers: IncomingHttpHeaders): string | undefined
  /** Whether the end of a backend's side is the tenant's word for the client, or only the end of a process. */
  isAbsorbed(end: SocketEnd): boolean
  /** Absent where backends refuse a handshake whose session has ended. */
  readonly session?: SessionCheck
  /** What a client is told whose session has ended while nobody watched. */
  readonly sessionGone: SocketEnd
  /** Absent, a long poll is a request as any other. */
  readonly polls?: PollProtocol
}

/** The older way of the same news: a request that is answered when there are some. */
export interface PollProtocol {
  /** Milliseconds that a backend itself lets a poll wait. */
  readonly waitMs: number
  /** What a backend answers to a poll in whose time nothing has happened. */
  readonly nothingNew: PlainAnswer
}

/** Whose socket it is. */
export interface ParkedPlace {
  readonly environment: string
  readonly hostname: string
}

/** What both ends of one socket have said, as far as it matters after a pause. */
export interface Conversation {
  /** The client has said something; called before it is sent on. */
  hear(message: Message): Hearing
  /** A backend has said something; called before it is sent on. */
  heed(message: Message): void
  /** A backend has been attached in place of another: what it must be told before anything else. */
  resume(): readonly Message[]
  /** What it keeps of all that was said. */
  readonly keptBytes: number
}

/** One whole message, of however many frames. */
export interface Message {
  readonly data: Buffer
  readonly isBinary: boolean
}

/** What a client's message means for its environment. */
export type Hearing =
  /** Part of `resume` from now on: it may wait as long as the tenant sleeps, and is no activity. */
  | 'kept'
  /** It belongs to `resume` but cannot be kept: a socket that said so cannot be parked. */
  | 'unkeepable'
  /** A user's doing: it counts as activity, wakes, and waits in a line for its backend. */
  | 'activity'

/** RFC 6455 7.1.5; 1005 stands for an end without a code, 1006 for a connection that was cut. */
export interface SocketEnd {
  readonly code: number
  readonly reason: string
}

/**
 * A question whose answer tells whether the session of a handshake still holds. A backend may take the handshake of a
 * session that has ended for that of a stranger; whoever was logged in must hear of it.
 */
export interface SessionCheck {
  readonly path: string
  readonly contentType: string
  readonly body: string
  /** Undefined when the answer is about something else. */
  isLoggedIn(answer: { readonly status: number; readonly body: string }): boolean | undefined
  /** What tells a session from others; undefined without one. */
  keyOf(cookie: string | undefined): string | undefined
  /** Whether a request to this path ends its session, once it is carried out. */
  isLogout(path: string): boolean
}
