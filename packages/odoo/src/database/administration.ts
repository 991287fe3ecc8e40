import pg from 'pg'
import { endSession } from './end-session.ts'

/** One administrator's connection to one database. */
export interface Connection {
  /** One statement with values, or several without. */
  query(text: string, values?: readonly unknown[]): Promise<readonly Row[]>
  end(): Promise<void>
}

type Row = Readonly<Record<string, unknown>>

/** The administrator of one PostgreSQL server. */
export interface Administration {
  connect(database: string, signal?: AbortSignal): Promise<Connection>
  /** A session of somebody else, by password, the way tenants' workers come. */
  connectAs(login: Login, database: string, signal?: AbortSignal): Promise<Connection>
  /** Where tenants' workers connect. */
  readonly tenant: { readonly host: string; readonly port: number }
  /** Pulse's own database, which holds the register. */
  readonly registerDatabase: string
}

export interface Login {
  readonly user: string
  readonly password: string
}

export interface AdministrationOptions {
  readonly admin: pg.ClientConfig
  readonly tenant: { readonly host: string; readonly port: number }
  readonly registerDatabase?: string | undefined
  /** The longest statement is a clone, which a busy disk can stretch to minutes. */
  readonly statementTimeoutMs?: number | undefined
  /** A connection that has brought more is cut: an answer, or an error, is as long as whoever owns the database likes. */
  readonly answerBytesMax?: number | undefined
}

export function createAdministration(options: AdministrationOptions): Administration {
  const { admin, tenant, statementTimeoutMs = 600_000, answerBytesMax } = options
  const limits = {
    connectionTimeoutMillis: 30_000,
    application_name: 'pulse-task',
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 5_000,
  }
  return {
    tenant,
    registerDatabase: options.registerDatabase ?? 'pulse',
    connect: (database, signal) =>
      open({ ...limits, ...admin, database }, { signal, answerBytesMax }),
    connectAs: (login, database, signal) =>
      open(
        { ...limits, ssl: admin.ssl, ...tenant, ...login, database },
        { signal, answerBytesMax },
      ),
  }
}

interface OpenOptions extends Pick<AdministrationOptions, 'answerBytesMax'> {
  readonly signal: AbortSignal | undefined
}

async function open(
  config: pg.ClientConfig,
  { signal, answerBytesMax }: OpenOptions,
): Promise<Connection> {
  signal?.throwIfAborted()
  const client = new pg.Client(config)
  // A connection that the server ends between two statements is told by the next one.
  client.on('error', () => undefined)
  // A client that is ended while it connects would never settle by itself.
  const aborted = Promise.withResolvers<never>()
  aborted.promise.catch(() => undefined)
  const stop = () => {
    endSession(client).catch(() => undefined)
    aborted.reject(signal?.reason)
  }
  signal?.addEventListener('abort', stop, { once: true })
  const closed = () => signal?.removeEventListener('abort', stop)
  try {
    await Promise.race([client.connect(), aborted.promise])
  } catch (error) {
    closed()
    throw error
  }
  if (answerBytesMax !== undefined) boundAnswers(client, answerBytesMax)
  return connectionOf(client, closed)
}

function boundAnswers({ connection: { stream } }: pg.Client, bytesMax: number) {
  let bytes = 0
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > bytesMax) stream.destroy(new Error(`the answer has more than ${bytesMax} bytes`))
  })
}

function connectionOf(client: pg.Client, closed: () => void): Connection {
  return {
    async query(text, values) {
      const result = await client.query<Row>(text, values === undefined ? undefined : [...values])
      return result.rows ?? []
    },
    async end() {
      closed()
      await endSession(client)
    },
  }
}

/** Connects, works, and closes in any case. */
export async function withConnection<T>(
  administration: Administration,
  { database, signal }: { readonly database: string; readonly signal?: AbortSignal | undefined },
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await administration.connect(database, signal)
  try {
    return await work(connection)
  } finally {
    await connection.end().catch(() => undefined)
  }
}

/** All or nothing, on one connection. */
export async function inTransaction<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  await connection.query('BEGIN')
  try {
    const result = await work()
    await connection.query('COMMIT')
    return result
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/** Works alone among all who use this name; should we die, the lock falls with the connection. */
export async function whileLocked<T>(
  connection: Connection,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  return await whileHeld(connection, { name, mode: '' }, work)
}

/** Works beside others who do this, but never beside one who is `whileLocked`. */
export async function whileShared<T>(
  connection: Connection,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  return await whileHeld(connection, { name, mode: '_shared' }, work)
}

async function whileHeld<T>(
  connection: Connection,
  { name, mode }: { readonly name: string; readonly mode: '' | '_shared' },
  work: () => Promise<T>,
): Promise<T> {
  const key = [`pulse:${name}`]
  await connection.query(`SELECT pg_advisory_lock${mode}(hashtextextended($1, 0))`, key)
  try {
    return await work()
  } finally {
    await connection
      .query(`SELECT pg_advisory_unlock${mode}(hashtextextended($1, 0))`, key)
      .catch(() => undefined)
  }
}

/** SQLSTATE of an error of PostgreSQL. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}
