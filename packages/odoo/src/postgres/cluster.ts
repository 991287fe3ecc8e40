import {
  chmod,
  chown,
  mkdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises'
import { totalmem, userInfo } from 'node:os'
import { join } from 'node:path'
import { type Account, ProgramError, runProgram } from '../program.ts'
import type { PostgresPrograms } from './programs.ts'
import { adminRole, makeHba, makeIdent, makeSettings } from './settings.ts'

/** Where one cluster lives under the state directory. */
export interface ClusterPlace {
  readonly data: string
  readonly run: string
  readonly log: string
  readonly listenAddress: string
  readonly port: number
}

const startLimitMs = 120_000
/** `sun_path` holds 108 bytes with its end. */
const maxSocketPath = 107

/** Makes the folders, each owned by the server's account and closed to all others. */
export async function makeFolders(place: ClusterPlace, account: Account): Promise<void> {
  const socket = join(place.run, `.s.PGSQL.${place.port}`)
  if (Buffer.byteLength(socket) > maxSocketPath) {
    throw new Error(
      `the state directory's path is too long for a Unix socket (${socket}, at most ${maxSocketPath} bytes): choose a shorter one`,
    )
  }
  for (const folder of [place.run, place.log]) {
    await mkdir(folder, { recursive: true })
    await chmod(folder, 0o700)
    if (process.getuid?.() === 0) await chown(folder, account.uid, account.gid)
  }
}

/** A cluster that was not finished never gets the name `data`. */
export async function initialise(
  place: ClusterPlace,
  programs: PostgresPrograms,
  options: { readonly account: Account; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  if ((await dataMajor(place.data)) !== undefined) return
  const unfinished = `${place.data}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { mode: 0o700 })
  if (process.getuid?.() === 0) await chown(unfinished, options.account.uid, options.account.gid)
  await runProgram(
    join(programs.folder, 'initdb'),
    [
      ...['-D', unfinished, '-U', adminRole, '--encoding=UTF8', '--locale=C.UTF-8'],
      ...['--auth-local=peer', '--auth-host=scram-sha-256', '--no-instructions'],
    ],
    { timeoutMs: startLimitMs, account: options.account, signal: options.signal, cwd: '/' },
  )
  await rename(unfinished, place.data)
}

/** The major that made the cluster; undefined when there is none. */
export async function dataMajor(data: string): Promise<number | undefined> {
  const version = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => undefined)
  return version === undefined ? undefined : Number.parseInt(version, 10)
}

/** Writes what the server reads at start and at reload. */
export async function configure(place: ClusterPlace, account: Account): Promise<void> {
  const settings = makeSettings(
    {
      socketFolder: place.run,
      listenAddress: place.listenAddress,
      port: place.port,
    },
    totalmem(),
  )
  const files = {
    'pulse.conf': settings,
    'pg_hba.conf': makeHba(),
    'pg_ident.conf': makeIdent([account.name, userInfo().username]),
  }
  for (const [name, content] of Object.entries(files)) {
    await writeOwned(join(place.data, name), content, account)
  }
  const main = join(place.data, 'postgresql.conf')
  const include = "include 'pulse.conf'"
  const present = await readFile(main, 'utf8')
  if (present.includes(include)) return
  await writeOwned(main, `${present.trimEnd()}\n${include}\n`, account)
}

async function writeOwned(path: string, content: string, account: Account): Promise<void> {
  const next = `${path}.next`
  await writeFile(next, content, { mode: 0o600 })
  if (process.getuid?.() === 0) await chown(next, account.uid, account.gid)
  await rename(next, path)
}

/**
 * Process id of this cluster's server if it lives. A pid file alone proves nothing after a crash of the machine: the
 * number may belong to somebody else by now, so the process must stand in our data folder.
 */
export async function runningPid(data: string): Promise<number | undefined> {
  const file = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => undefined)
  const pid = Number.parseInt(file ?? '', 10)
  if (!(pid > 0)) return
  const standsIn = await readlink(`/proc/${pid}/cwd`).catch(() => undefined)
  return standsIn === (await realpath(data)) ? pid : undefined
}

/** Whether an installation's own PostgreSQL runs, whoever started it. */
export async function isPostgresRunning(stateDir: string): Promise<boolean> {
  return (await runningPid(join(stateDir, 'postgres', 'data'))) !== undefined
}

/** Starts the server in its own session, so that it outlives us. */
export async function startServer(
  place: ClusterPlace,
  programs: PostgresPrograms,
  options: { readonly account: Account; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  await rm(join(place.data, 'postmaster.pid'), { force: true })
  const log = join(place.log, 'server.log')
  await rename(log, join(place.log, 'server.previous.log')).catch(() => undefined)
  try {
    await runProgram(
      join(programs.folder, 'pg_ctl'),
      ['start', '-D', place.data, '-l', log, '-w', '-t', String(startLimitMs / 1000)],
      {
        timeoutMs: startLimitMs + 5_000,
        account: options.account,
        signal: options.signal,
        cwd: '/',
      },
    )
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error
    throw new Error(await explainStart(place, log), { cause: error })
  }
}

async function explainStart(place: ClusterPlace, log: string): Promise<string> {
  const said = await readFile(log, 'utf8').catch(() => '')
  if (said.includes('Cannot assign requested address')) {
    return `${place.listenAddress} is no address of this machine: PostgreSQL cannot listen there`
  }
  if (/could not bind|Address already in use/.test(said)) {
    return `another server listens on ${place.listenAddress}:${place.port}; stop it, or start Pulse with another state directory`
  }
  if (/No space left on device/.test(said))
    return `PostgreSQL cannot start: no space left for ${place.data}`
  return `PostgreSQL did not start:\n${said.trim().split('\n').slice(-12).join('\n')}\n(its log: ${place.log})`
}

/** Asks the server to end; its clients are disconnected, nothing is lost. */
export async function stopServer(
  place: ClusterPlace,
  programs: PostgresPrograms,
  account: Account,
): Promise<void> {
  if ((await runningPid(place.data)) === undefined) return
  await runProgram(
    join(programs.folder, 'pg_ctl'),
    ['stop', '-D', place.data, '-m', 'fast', '-w', '-t', '60'],
    { timeoutMs: 65_000, account, cwd: '/' },
  )
}

export async function reloadServer(
  place: ClusterPlace,
  programs: PostgresPrograms,
  account: Account,
): Promise<void> {
  await runProgram(join(programs.folder, 'pg_ctl'), ['reload', '-D', place.data], {
    timeoutMs: 10_000,
    account,
    cwd: '/',
  })
}
