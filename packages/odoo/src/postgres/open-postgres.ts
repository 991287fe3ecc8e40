import { chmod, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Log } from '@pulse/api'
import pg from 'pg'
import { endSession } from '../database/end-session.ts'
import type { Account } from '../program.ts'
import { mustReach, serverAccount } from './account.ts'
import { adminConnection } from './admin-connection.ts'
import {
  type ClusterPlace,
  configure,
  dataMajor,
  initialise,
  makeFolders,
  reloadServer,
  runningPid,
  startServer,
  stopServer,
} from './cluster.ts'
import { type KeepOptions, keepRunning } from './keep-running.ts'
import { findPrograms, oldestMajor, type PostgresPrograms } from './programs.ts'
import { socketPort } from './settings.ts'

export interface PostgresOptions {
  readonly stateDir: string
  /** An external server's URL, with an administrator's rights. */
  readonly url?: string | undefined
  /** Loopback address on which tenants' workers reach our own server. */
  readonly listenAddress: string
  readonly port?: number | undefined
  readonly log: Log
  readonly signal?: AbortSignal | undefined
}

/** A running server and how to reach it. */
export interface Postgres {
  readonly source: 'external' | 'system' | 'embedded'
  readonly major: number
  /** For the administrator; give a `database`. */
  readonly admin: pg.ClientConfig
  /** Where tenants' workers connect with their own role and password. */
  readonly tenant: { readonly host: string; readonly port: number }
  /** Folder of our own server's data; an external one keeps its data where nothing can be known from here. */
  readonly dataFolder: string | undefined
  /** Whether an own server was found running and taken over. */
  readonly adopted: boolean
  /** Starts our own server again whenever it dies; resolves after the signal. An external one has its own keeper. */
  keepRunning(options: Pick<KeepOptions, 'signal' | 'onChange'>): Promise<void>
  /** Stops our own server; an external one is left alone. */
  stop(): Promise<void>
}

/** Opens the PostgreSQL of one machine: an external one, else the system's programs, else the embedded package. */
export async function openPostgres(options: PostgresOptions): Promise<Postgres> {
  if (options.url !== undefined) return openExternal(options.url)
  const base = join(resolve(options.stateDir), 'postgres')
  const place: ClusterPlace = {
    data: join(base, 'data'),
    run: join(base, 'run'),
    log: join(base, 'log'),
    listenAddress: options.listenAddress,
    port: options.port ?? socketPort,
  }
  const account = await serverAccount(options.signal)
  await mkdir(base, { recursive: true })
  await chmod(base, 0o711)
  await mustReach(base, account)

  const programs = await findPrograms(base, await dataMajor(place.data))
  await makeFolders(place, account)
  await initialise(place, programs, { account, signal: options.signal })
  await configure(place, account)
  const adopted = (await runningPid(place.data)) !== undefined
  if (adopted) await reloadServer(place, programs, account)
  else await startOrStop(place, programs, { account, signal: options.signal })

  const { admin, tenant } = adminConnection(place)
  const major = Math.floor((await serverVersion(admin)) / 10_000)
  options.log.info({ source: programs.source, major, adopted }, 'PostgreSQL is open')
  return {
    source: programs.source,
    major,
    admin,
    tenant,
    dataFolder: place.data,
    adopted,
    keepRunning: ({ signal, onChange }) =>
      keepRunning(
        {
          isRunning: async () => (await runningPid(place.data)) !== undefined,
          start: () => startServer(place, programs, { account }),
        },
        { log: options.log, signal, onChange },
      ),
    stop: () => stopServer(place, programs, account),
  }
}

/** A start that is given up leaves no server behind: nobody would know of it. */
async function startOrStop(
  place: ClusterPlace,
  programs: PostgresPrograms,
  options: { readonly account: Account; readonly signal?: AbortSignal | undefined },
) {
  try {
    await startServer(place, programs, options)
    options.signal?.throwIfAborted()
  } catch (error) {
    // Why it did not start is what people need, whatever the end brings.
    await stopServer(place, programs, options.account).catch(() => undefined)
    throw error
  }
}

async function openExternal(url: string): Promise<Postgres> {
  const { admin, tenant } = adminConnection({ url })
  const { host, port, user } = admin
  const version = await serverVersion(admin).catch((cause: unknown) => {
    throw new Error(`cannot open PostgreSQL at ${host}:${port} as ${user}: ${text(cause)}`, {
      cause,
    })
  })
  if (version < oldestMajor * 10_000) {
    throw new Error(
      `PostgreSQL at ${host}:${port} is ${version}; ${oldestMajor} or newer is needed`,
    )
  }
  return {
    source: 'external',
    major: Math.floor(version / 10_000),
    admin,
    tenant,
    dataFolder: undefined,
    adopted: true,
    keepRunning: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  }
}

async function serverVersion(admin: pg.ClientConfig): Promise<number> {
  const client = new pg.Client({ ...admin, database: 'postgres', query_timeout: 10_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query("SELECT current_setting('server_version_num')::int AS n")
    return Number(rows[0].n)
  } finally {
    await endSession(client)
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
