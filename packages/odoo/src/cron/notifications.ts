import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '@pulse/api'
import pg from 'pg'
import { endSession } from '../database/end-session.ts'

export interface NotificationOptions {
  readonly admin: pg.ClientConfig
  /** Somebody says that this database has something to run. Anybody may: it is a hint and no more. */
  readonly onDatabase: (database: string) => void
  /** From now on nothing is missed; what came before may have been. */
  readonly onListening: () => void
  readonly log: Log
  readonly signal: AbortSignal
}

/** What Odoo notifies, on the database where all of its servers listen. */
const channel = 'cron_trigger'
const database = 'postgres'
/** A database's name is not longer. */
const longestName = 63
const heartbeatMs = 30_000
const shortestPauseMs = 250
const longestPauseMs = 30_000

/** One connection for a whole server; it comes back by itself until the signal ends it. */
export async function listenForCronTriggers(options: NotificationOptions): Promise<void> {
  const { signal, log } = options
  for (let failures = 0; !signal.aborted; ) {
    const error = await listenOnce(options, () => {
      failures = 0
    })
    if (signal.aborted) return
    const pause = Math.min(shortestPauseMs * 2 ** failures, longestPauseMs)
    log.warn({ err: error, pauseMs: pause }, 'listening for schedules was interrupted')
    failures += 1
    await delay(pause, undefined, { signal }).catch(() => undefined)
  }
}

/** Resolves with what ended it. */
async function listenOnce(options: NotificationOptions, onListening: () => void): Promise<unknown> {
  const { signal } = options
  const client = new pg.Client({
    connectionTimeoutMillis: 10_000,
    ...options.admin,
    database,
    application_name: 'pulse-schedules',
    query_timeout: 10_000,
    keepAlive: true,
  })
  const ended = Promise.withResolvers<unknown>()
  const onAbort = () => ended.resolve(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  client.on('error', ended.resolve)
  client.on('end', () => ended.resolve(new Error('the connection ended')))
  client.on('notification', ({ channel: name, payload = '' }) => {
    if (name === channel && payload !== '' && payload.length <= longestName) {
      options.onDatabase(payload)
    }
  })
  const heartbeat = setInterval(() => {
    client.query('SELECT 1').catch(ended.resolve)
  }, heartbeatMs)
  try {
    await client.connect()
    await client.query(`LISTEN ${channel}`)
    onListening()
    options.onListening()
    return await ended.promise
  } catch (error) {
    return error
  } finally {
    clearInterval(heartbeat)
    signal.removeEventListener('abort', onAbort)
    endSession(client).catch(() => undefined)
  }
}
