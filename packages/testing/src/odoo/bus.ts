import type { Databases } from './databases.ts'
import type { Registry } from './registries.ts'
import type { ServerLog } from './server-log.ts'

/** Compact JSON, as `bus_bus.channel` holds it: `["acme.localhost","broadcast"]`. */
export type Channel = string

export interface BusNotification {
  readonly id: number
  readonly message: unknown
}

/** Wakes subscribers on NOTIFY `imbus`; the notifications themselves are read from the database. */
export interface Bus {
  /** Calls back whenever one of the channels may have something new. */
  subscribe(subscriber: Subscriber): () => void
  close(): Promise<void>
}

export interface Subscriber {
  channels: readonly Channel[]
  readonly wake: () => void
}

/** Listens from the first subscription on: a server that nobody watches holds no connection for it. */
export function createBus(databases: Databases, log: ServerLog): Bus {
  const subscribers = new Set<Subscriber>()
  let listening: Promise<() => Promise<void>> | undefined

  const dispatch = (payload: string) => {
    const channels = new Set(parseChannels(payload))
    for (const subscriber of subscribers) {
      if (subscriber.channels.some((channel) => channels.has(channel))) subscriber.wake()
    }
  }

  return {
    subscribe(subscriber) {
      subscribers.add(subscriber)
      if (!listening) log.info('odoo.addons.bus.models.bus', 'Bus.loop listen imbus on db postgres')
      listening ??= databases.listen('imbus', dispatch)
      return () => void subscribers.delete(subscriber)
    },
    async close() {
      const stop = await listening
      await stop?.()
    },
  }
}

/** What one user may hear: what was asked for, everyone's channel, its groups and its own. */
export async function channelsOf(
  registry: Registry,
  asked: readonly string[],
  uid: number | undefined,
): Promise<Channel[]> {
  const { database } = registry
  const open = [...asked, 'broadcast'].map((channel) => JSON.stringify([database, channel]))
  if (uid === undefined) return open
  const rows = await registry.query(
    `SELECT 'res.groups' AS model, gid AS id FROM res_groups_users_rel WHERE uid = $1
     UNION ALL SELECT 'res.partner', partner_id FROM res_users WHERE id = $1`,
    [uid],
  )
  return [...open, ...rows.map(({ model, id }) => JSON.stringify([database, model, id]))]
}

/** Seconds of the past that a first subscription is told about. */
const bufferSeconds = 50

/** The notifications after `last`; a first poll (0) gets the last seconds. */
export async function readNotifications(
  registry: Registry,
  channels: readonly Channel[],
  last: number,
  seen: readonly number[],
): Promise<BusNotification[]> {
  const since =
    last === 0
      ? `create_date > now() AT TIME ZONE 'UTC' - interval '${bufferSeconds} s'`
      : 'id > $3'
  const rows = await registry.query(
    `SELECT id, message FROM bus_bus
     WHERE channel = ANY($1) AND NOT id = ANY($2) AND ${since} ORDER BY id`,
    last === 0 ? [channels, seen] : [channels, seen, last],
  )
  return rows.map(({ id, message }) => ({ id: Number(id), message: JSON.parse(String(message)) }))
}

/** A client that was connected to an older database of this name starts again from the beginning. */
export async function trustedLast(registry: Registry, last: number): Promise<number> {
  const [row] = await registry.query('SELECT COALESCE(max(id), 0) AS id FROM bus_bus')
  return last > Number(row?.id) ? 0 : last
}

function parseChannels(payload: string): Channel[] {
  try {
    const channels: unknown = JSON.parse(payload)
    return Array.isArray(channels) ? channels.map((channel) => JSON.stringify(channel)) : []
  } catch {
    return []
  }
}
