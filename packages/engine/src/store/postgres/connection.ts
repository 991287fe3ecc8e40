import { setTimeout as delay } from 'node:timers/promises'
import { type Log, StatusError } from '@pulse/api'
import pg from 'pg'
import { endWithin } from './end-within.ts'

export type ConnectionOptions = Pick<
  pg.PoolConfig,
  'host' | 'port' | 'user' | 'password' | 'database' | 'connectionString' | 'ssl'
>

/** One session, or the pool: whatever answers queries. Rows are untyped until somebody parses them. */
export interface Connection {
  query(text: string | pg.QueryConfig, values?: unknown[]): Promise<Result>
}

export interface Result {
  rows: Row[]
}

export type Row = Readonly<Record<string, unknown>>

/**
 * No call waits for ever: the server gives up first and says why, the client a little later, when the server is gone.
 * A process that was stopped in the middle of a write holds the lock of all writes no longer than this. The gateway gives
 * up a write later still.
 */
export const limits = {
  connectionTimeoutMillis: 5_000,
  lock_timeout: 8_000,
  statement_timeout: 10_000,
  idle_in_transaction_session_timeout: 5_000,
  query_timeout: 12_000,
  keepAlive: true,
  application_name: 'pulse',
} as const

export interface Pool extends Connection {
  /** A session of its own for the work; it is thrown away when a query in it fails. */
  withSession<T>(work: (session: Connection) => Promise<T>): Promise<T>
  close(): Promise<void>
}

const maxConnections = 10
/** Open while nobody asks too: whoever takes all connections of the server does not take these. */
const keptConnections = 4
const keepEveryMs = 2_000
const takeAgainMs = 20

export function createPool(connection: ConnectionOptions, log: Log): Pool {
  const pool = new pg.Pool({ ...connection, ...limits, max: maxConnections, min: keptConnections })
  // Idle sessions end when the server does; the pool replaces them, but the event must be heard.
  pool.on('error', (error) => log.warn({ reason: error.message }, 'a store session ended'))
  const sessions = new Set<pg.Client>()
  pool.on('connect', (session) => {
    sessions.add(session)
    // A session that is thrown away may still be told why it was ended, when nobody else listens to it.
    session.on('error', () => undefined)
  })
  pool.on('remove', (session) => sessions.delete(session))
  /** Where the server has no connection left for us, one that we have is waited for. */
  async function take(): Promise<pg.PoolClient> {
    const deadline = performance.now() + limits.connectionTimeoutMillis
    for (;;) {
      try {
        return await pool.connect()
      } catch (error) {
        const isTaken = error instanceof pg.DatabaseError && error.code === noConnectionLeft
        if (!isTaken || pool.totalCount === 0 || performance.now() > deadline) throw error
        await delay(takeAgainMs)
      }
    }
  }

  async function queryOnce(text: string | pg.QueryConfig, values?: unknown[]) {
    const session = await take()
    let isBroken = true
    try {
      const result = await session.query(text, values)
      isBroken = false
      return result
    } finally {
      session.release(isBroken)
    }
  }

  /** After a loss they are opened again before anybody needs them. */
  async function keep() {
    if (pool.totalCount >= keptConnections) return
    const wanted = Array.from({ length: keptConnections }, () => pool.connect())
    for (const taken of await Promise.allSettled(wanted)) {
      if (taken.status === 'fulfilled') taken.value.release()
    }
  }
  const keeping = setInterval(() => void keep(), keepEveryMs).unref()

  return {
    query: (text, values) => answering(() => queryOnce(text, values)),
    async withSession(work) {
      const session = await answering(take)
      let isBroken = false
      // A loss between two queries is told by an event, which nobody else hears while the session is out of the pool.
      const onError = () => {
        isBroken = true
      }
      session.on('error', onError)
      const query: Connection['query'] = async (text, values) => {
        // It would wait behind the query that was given up, for as long again.
        if (isBroken) throw unavailable('the session is lost')
        return answering(() => session.query(text, values)).then(lastResult, (error) => {
          isBroken = true
          throw error
        })
      }
      try {
        return await work({ query })
      } finally {
        session.release(isBroken)
        session.off('error', onError)
      }
    },
    close() {
      clearInterval(keeping)
      return endWithin(pool.end(), () => sessions)
    },
  }
}

/** Several statements in one text have as many results; who sends them so wants the last. */
function lastResult(results: Result | readonly Result[]): Result {
  return [results].flat().at(-1) ?? { rows: [] }
}

export async function answering<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw storeError(error)
  }
}

const noConnectionLeft = '53300'

/** What an operator has to mend, in words that tell nothing of what was written. */
const shortages: Readonly<Record<string, string>> = {
  '53100': 'there is no room on the disk of PostgreSQL',
  [noConnectionLeft]: 'all connections of PostgreSQL are taken',
}

/** Connection lost, resources short, cancelled or shut down, serialisation, lock not available. */
const passing = /^(08|53|57|40|25P0|55P03)/

/**
 * A database that is away comes back: such a refusal is retryable. The rest is a bug of ours. PostgreSQL's `detail`
 * quotes rows, and rows hold Secrets: neither it nor the original error goes any further.
 */
function storeError(error: unknown): Error {
  if (!(error instanceof pg.DatabaseError)) {
    return unavailable(error instanceof Error ? error.message : 'unknown')
  }
  const { code = '', message } = error
  if (passing.test(code)) return unavailable(`${code} ${message}`, shortages[code])
  return new Error(`the store's query failed: ${code} ${message}`)
}

function unavailable(reason: string, shortage?: string): StatusError {
  const words = shortage === undefined ? 'the store does not answer' : `the store: ${shortage}`
  return new StatusError(
    'ServiceUnavailable',
    `${words}; the request can be tried again`,
    { retryAfterSeconds: 1 },
    { cause: new Error(reason) },
  )
}
