import type { Log } from '@pulse/api'
import pg from 'pg'
import { answering, type ConnectionOptions, limits } from './connection.ts'
import { endWithin } from './end-within.ts'
import { changeChannel } from './transaction.ts'

const firstDelayMs = 50
const longestDelayMs = 5_000
/** Finds a connection that died without a word; it reads no changes. */
const heartbeatMs = 30_000

export interface Listening {
  start(): Promise<void>
  close(): Promise<void>
}

/** Keeps one session that listens; after a loss it connects again, with growing pauses, and then looks at once. */
export function createListening(
  connection: ConnectionOptions,
  { log, onNotification }: { readonly log: Log; readonly onNotification: () => Promise<void> },
): Listening {
  let session: pg.Client | undefined
  let isClosed = false
  let isLost = false
  let attempts = 0
  let retry: NodeJS.Timeout | undefined
  let heartbeat: NodeJS.Timeout | undefined

  async function connect(): Promise<void> {
    const client = new pg.Client({ ...connection, ...limits })
    session = client
    client.on('error', (error) => lose(client, error.message))
    client.on('end', () => lose(client, 'the session ended'))
    client.on('notification', () => look(client))
    await answering(() => client.connect())
    await answering(() => client.query(`LISTEN ${changeChannel}`))
    heartbeat = setInterval(() => {
      client.query('SELECT 1').catch((error: Error) => lose(client, error.message))
    }, heartbeatMs)
    heartbeat.unref()
    await onNotification()
  }

  function look(client: pg.Client): void {
    onNotification().catch((error: Error) => lose(client, error.message))
  }

  function lose(client: pg.Client, reason: string): void {
    if (isClosed || session !== client) return
    session = undefined
    clearInterval(heartbeat)
    endWithin(client.end(), () => [client]).catch(() => undefined)
    if (!isLost) log.warn({ reason }, 'the store does not tell changes; connecting again')
    isLost = true
    const pause = Math.min(firstDelayMs * 2 ** attempts++, longestDelayMs)
    retry = setTimeout(reconnect, pause * (0.5 + Math.random() / 2))
    retry.unref()
  }

  function reconnect(): void {
    connect().then(
      () => {
        attempts = 0
        isLost = false
        log.info({}, 'the store tells changes again')
      },
      (error: Error) => {
        if (session !== undefined) lose(session, error.message)
      },
    )
  }

  return {
    start: connect,
    async close() {
      isClosed = true
      clearTimeout(retry)
      clearInterval(heartbeat)
      const last = session
      if (last) await endWithin(last.end(), () => [last]).catch(() => undefined)
    },
  }
}
