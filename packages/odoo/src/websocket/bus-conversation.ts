import {
  formatClientFrame,
  idAtStart,
  type NotificationIds,
  nameAtStart,
  notificationIds,
  parseClientFrame,
} from './client-frame.ts'

/** A WebSocket message as the gateway has it. */
export interface BusMessage {
  readonly data: Buffer
  readonly isBinary: boolean
}

export interface BusConversationOptions {
  /** A frame longer than this is not kept. */
  readonly keptFrameBytesMax: number
  /** Milliseconds. */
  readonly now: () => number
  /** The highest notification id of this database at the moment; undefined when that cannot be told. */
  readonly readPosition: () => Promise<number | undefined>
}

/**
 * What one client has said to Odoo's bus, as far as the next process must be told it: the channels that it subscribed
 * to, how far it has read, and when its user was last seen. `subscribe` and `update_presence` are all that Odoo takes;
 * browsers send both by themselves, so neither says that somebody is there.
 */
export class BusConversation {
  readonly #options: BusConversationOptions
  #subscribe: string | undefined
  #presence: string | undefined
  #presenceAt = 0
  /** Told by the server; from then on a better answer than the client's own `last`. */
  #highestSeen: number | undefined
  /** Where the bus stood when a client subscribed that knew no notification yet. */
  #position: number | undefined
  /** The server that is attached has not said anything yet. */
  #isServerNew = true

  constructor(options: BusConversationOptions) {
    this.#options = options
  }

  get keptBytes(): number {
    return (this.#subscribe?.length ?? 0) + (this.#presence?.length ?? 0)
  }

  hear({ data }: BusMessage): 'kept' | 'unkeepable' | 'activity' {
    if (data.length > this.#options.keptFrameBytesMax) return this.#hearLong(data)
    const text = data.toString()
    const frame = parseClientFrame(text)
    if (frame?.name === 'subscribe') {
      this.#subscribe = text
      if (lastOf(frame.data) === 0) void this.#learnPosition()
      return 'kept'
    }
    if (frame?.name === 'update_presence') {
      this.#presence = text
      this.#presenceAt = this.#options.now()
      return 'kept'
    }
    return 'activity'
  }

  heed({ data, isBinary }: BusMessage) {
    const ids = isBinary ? undefined : idsOf(data)
    if (ids === undefined) return
    // A server sends what is above the id that it was told. One that begins below has another database: a restored one.
    const isRestarted = this.#isServerNew && ids.lowest <= (this.#highestSeen ?? 0)
    this.#highestSeen = isRestarted ? ids.highest : Math.max(this.#highestSeen ?? 0, ids.highest)
    this.#isServerNew = false
  }

  /** For a server that knows nothing of this client. */
  resume(): readonly BusMessage[] {
    this.#isServerNew = true
    return [this.#subscribeAgain(), this.#presenceAgain()].flatMap((text) =>
      text === undefined ? [] : [{ data: Buffer.from(text), isBinary: false }],
    )
  }

  #hearLong(data: Buffer): 'kept' | 'unkeepable' | 'activity' {
    const name = nameAtStart(data)
    if (name === 'subscribe') {
      this.#subscribe = undefined
      return 'unkeepable'
    }
    if (name !== 'update_presence') return 'activity'
    this.#presence = undefined
    return 'kept'
  }

  #subscribeAgain(): string | undefined {
    const frame = this.#subscribe === undefined ? undefined : parseClientFrame(this.#subscribe)
    if (frame === undefined) return undefined
    const last = this.#highestSeen ?? (lastOf(frame.data) || positionAsLast(this.#position))
    return formatClientFrame({ ...frame, data: { ...frame.data, last } })
  }

  /** As old as it is by now: nobody comes back by sleeping. */
  #presenceAgain(): string | undefined {
    const frame = this.#presence === undefined ? undefined : parseClientFrame(this.#presence)
    if (frame === undefined) return undefined
    const { inactivity_period: told } = frame.data
    if (typeof told !== 'number') return this.#presence
    const age = Math.round(this.#options.now() - this.#presenceAt)
    return formatClientFrame({ ...frame, data: { ...frame.data, inactivity_period: told + age } })
  }

  async #learnPosition() {
    if (this.#position !== undefined || this.#highestSeen !== undefined) return
    const position = await this.#options.readPosition().catch(() => undefined)
    this.#position ??= position
  }
}

/** Of a longer message from a server nobody waits until it is read: others' requests are served by the same thread. */
const readBytesMax = 256 * 1024

/** Of a long one its first id only: at worst a client gets the rest of it twice, and none is lost. */
function idsOf(data: Buffer): NotificationIds | undefined {
  return data.length > readBytesMax ? idAtStart(data) : notificationIds(data.toString())
}

function lastOf({ last }: Readonly<Record<string, unknown>>): number {
  return typeof last === 'number' && Number.isFinite(last) ? last : 0
}

/**
 * To Odoo a `last` of 0 means the last seconds, whatever came before them. A bus that was empty has to be read from its
 * beginning, which any id below the first one says.
 */
function positionAsLast(position: number | undefined): number {
  if (position === undefined) return 0
  return position === 0 ? -1 : position
}
