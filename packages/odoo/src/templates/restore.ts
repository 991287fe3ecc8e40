import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Connection } from '../database/administration.ts'
import { identifier } from '../database/statements.ts'
import { FinalError, failureOf } from '../final-error.ts'
import { majorOf, systemPrograms } from '../postgres/programs.ts'
import { findProgram, isRefusal, lacksRoom, ProgramError, runProgram } from '../program.ts'

export interface RestoreOptions {
  readonly dump: string
  readonly database: string
  /** `PG*` of the role that will own the objects: a dump is never run with an administrator's rights. */
  readonly access: Readonly<Record<string, string>>
  /** Connected to the database as administrator, for extensions alone. */
  readonly administrator: Connection
  readonly serverMajor: number
  /** For the filtered table of contents. */
  readonly workFolder: string
  readonly signal: AbortSignal
}

const restoreLimitMs = 60 * 60_000
const mend = 'apt-get install -y postgresql-client'

/** Entries that belong to the administrator or to another server. */
const leftOut =
  /^\d+; \d+ \d+ (EXTENSION|COMMENT - EXTENSION|SCHEMA - public|COMMENT - SCHEMA public|ACL|DEFAULT ACL|EVENT TRIGGER|PUBLICATION|SUBSCRIPTION)\b/

/** What pg_restore says of a file that ends too early or was damaged. */
const brokenFile = /could not read from input file|could not uncompress data|unexpected end of file/

/** Restores `pg_dump -Fc` into an empty database. */
export async function restoreCustom(options: RestoreOptions): Promise<void> {
  const { program, contents } = await readContents(options)
  const extensions = contents.flatMap((line) => / EXTENSION - (\S+)/.exec(line)?.[1] ?? [])
  await createExtensions(options.administrator, extensions)
  const list = join(options.workFolder, 'contents.list')
  await writeFile(list, contents.filter((line) => !leftOut.test(line)).join('\n'))
  await runProgram(
    program,
    [
      ...['--no-owner', '--no-acl', '--exit-on-error', '--jobs=2', `--use-list=${list}`],
      ...[`--dbname=${options.database}`, options.dump],
    ],
    {
      timeoutMs: restoreLimitMs,
      signal: options.signal,
      cwd: options.workFolder,
      env: clientEnvironment(options.access),
    },
  ).catch((cause: unknown) => {
    // Its exit code alone does not tell a broken file from a server that went away.
    const isFinal = isRefusal(cause) && brokenFile.test(text(cause))
    throw failureOf(`cannot restore ${options.dump}: ${text(cause)}`, { cause, isFinal })
  })
}

/** The table of contents, by the program nearest to the server that understands the dump. */
async function readContents({ dump, serverMajor, signal }: RestoreOptions) {
  const programs = await clientPrograms('pg_restore')
  const nearest = programs.toSorted(
    (a, b) => Math.abs(a.major - serverMajor) - Math.abs(b.major - serverMajor),
  )
  if (nearest.length === 0) throw new FinalError(`pg_restore is missing: ${mend}`)
  let failure: unknown
  for (const { path } of nearest) {
    try {
      const said = await runProgram(path, ['--list', dump], { timeoutMs: 60_000, signal })
      return { program: path, contents: said.split('\n') }
    } catch (error) {
      failure = error
      if (!(error instanceof ProgramError && /unsupported version/.test(error.output))) break
    }
  }
  const newer = failure instanceof ProgramError && /unsupported version/.test(failure.output)
  const reason = newer
    ? `it was made by a newer PostgreSQL than the pg_restore of this machine (${nearest[0]?.major}): ${mend}-17, or dump it again with an older pg_dump`
    : text(failure)
  throw failureOf(`cannot read the dump ${dump}: ${reason}`, {
    cause: failure,
    isFinal: isRefusal(failure),
  })
}

interface ClientProgram {
  readonly path: string
  readonly major: number
}

/** Every installed version of a client program. */
export async function clientPrograms(name: string): Promise<readonly ClientProgram[]> {
  const folders = (await systemPrograms()).map(({ folder }) => join(folder, name))
  const onPath = await findProgram(name)
  const candidates = onPath === undefined ? folders : [...folders, onPath]
  const found = await Promise.allSettled(
    candidates.map(async (path) => ({ path, major: await majorOf(path) })),
  )
  return found.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

/** Lines of a plain dump that only an administrator may run, or that other versions do not know. */
const administrative =
  /^(CREATE EXTENSION|COMMENT ON EXTENSION|COMMENT ON SCHEMA public|ALTER .* OWNER TO |GRANT |REVOKE |SET transaction_timeout|\\(un)?restrict|CREATE SCHEMA public)/

/**
 * Restores a plain dump. psql would run shell commands that such a file contains, so it is restricted by a key that
 * the file cannot know.
 */
export async function restorePlain(options: RestoreOptions): Promise<void> {
  const psql = (await clientPrograms('psql')).toSorted((a, b) => b.major - a.major)[0]
  if (psql === undefined) throw new FinalError(`psql is missing: ${mend}`)
  await mustRestrict(psql.path)
  const extensions: string[] = []
  for await (const line of linesOf(options.dump)) {
    const name = /^CREATE EXTENSION (?:IF NOT EXISTS )?"?([\w-]+)/.exec(line)?.[1]
    if (name !== undefined) extensions.push(name)
  }
  await createExtensions(options.administrator, extensions)

  const child = spawn(
    psql.path,
    ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '--single-transaction', '-d', options.database],
    {
      cwd: dirname(options.dump),
      env: clientEnvironment(options.access),
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(restoreLimitMs)]),
      stdio: ['pipe', 'ignore', 'pipe'],
    },
  )
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  // Where no process could be made there are no pipes either.
  if (child.pid === undefined) await ended
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said = (said + chunk).slice(-4_000)
  })
  const fed = pipeline(Readable.from(ownedByRole(options.dump)), child.stdin).catch(() => undefined)
  const code = await ended
  await fed
  if (code === 0) return
  throw failureOf(`cannot restore ${options.dump}: ${said.trim()}`, {
    cause: undefined,
    isFinal: code === scriptErrorCode && !lacksRoom(said),
  })
}

/** With which psql ends when the server refused a statement; a server that went away is another one. */
const scriptErrorCode = 3

/** psql before the fix of CVE-2025-8714 has no way to be kept from running a dump's shell commands. */
async function mustRestrict(psql: string): Promise<void> {
  const help = await runProgram(psql, ['--help=commands'], { timeoutMs: 10_000 })
  if (help.includes('\\restrict')) return
  throw new FinalError(
    `this psql would run shell commands that a plain dump may contain: ${mend} (a newer minor version), or dump with pg_dump -Fc`,
  )
}

async function* ownedByRole(dump: string): AsyncGenerator<string> {
  yield `\\restrict ${randomBytes(24).toString('hex')}\n`
  let inCopy = false
  for await (const line of linesOf(dump)) {
    if (!inCopy && administrative.test(line)) continue
    if (inCopy) inCopy = line !== '\\.'
    else if (/^COPY .* FROM stdin;$/.test(line)) inCopy = true
    yield `${line}\n`
  }
}

function linesOf(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })
}

/** Not trusted by PostgreSQL, yet harmless and wanted. */
const harmless = ['vector', 'pg_stat_statements']

/** Creates what the dump asks for, unless it could reach out of its database. */
async function createExtensions(
  administrator: Connection,
  names: readonly string[],
): Promise<void> {
  for (const name of new Set(names)) {
    if (name === 'plpgsql') continue
    const rows = await administrator.query(
      'SELECT bool_or(trusted) AS trusted FROM pg_available_extension_versions WHERE name = $1',
      [name],
    )
    const trusted = rows[0]?.trusted
    if (typeof trusted !== 'boolean') {
      throw new FinalError(
        `the dump needs the extension ${name}, which this PostgreSQL does not have`,
      )
    }
    if (!trusted && !harmless.includes(name)) {
      throw new FinalError(
        `the dump wants the extension ${name}, which could leave its database: refused`,
      )
    }
    await administrator.query(`CREATE EXTENSION IF NOT EXISTS ${identifier(name)}`)
  }
}

function clientEnvironment(access: Readonly<Record<string, string>>): Record<string, string> {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8', ...access }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
