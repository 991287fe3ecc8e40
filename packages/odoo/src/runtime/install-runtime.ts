import { existsSync, statSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { OdooMajor } from '@pulse/api'
import { findProgram, runWithProgress } from '../program.ts'
import { addRuntime } from './add-runtime.ts'
import type { Runtime } from './runtime.ts'
import { listRuntimes, newInstallation, removeInstallations } from './runtime-files.ts'

export interface InstallRuntimeOptions {
  readonly stateDir: string
  readonly major: OdooMajor
  /** Repository or folder that git can clone. */
  readonly from?: string | undefined
  /** Branch or tag; without it the major's own branch. */
  readonly ref?: string | undefined
  readonly python?: string | undefined
  readonly onLine: (line: string) => void
  readonly signal?: AbortSignal | undefined
}

const defaultSource = 'https://github.com/odoo/odoo.git'
const cloneLimitMs = 60 * 60_000
const packagesLimitMs = 60 * 60_000

/**
 * Fetches the source with git and its packages into a virtual environment, then registers it like any other. It is made
 * in a folder of its own: what is registered serves until this one has shown that it can, and stays for the tenants
 * that run on it until the next installation.
 */
export async function installRuntime(options: InstallRuntimeOptions): Promise<Runtime> {
  const { stateDir, major } = options
  // A damaged registration is written anew by this; what it stood on is not known, so then nothing is removed.
  const before = await listRuntimes(stateDir).catch(() => undefined)
  const place = newInstallation(stateDir, major)
  const installed = await installAt(place, options).catch(async (error: unknown) => {
    await rm(place, { recursive: true, force: true })
    throw error
  })
  if (before !== undefined) await removeInstallations(stateDir, major, [...before, installed])
  return installed
}

async function installAt(place: string, options: InstallRuntimeOptions): Promise<Runtime> {
  const { stateDir, major, onLine, signal } = options
  const from = options.from ?? defaultSource
  mustBeClonable(from, major)
  const git = await mustFind('git')
  const python = options.python ?? (await mustFind('python3', 'python3 python3-venv'))
  await mkdir(place, { recursive: true, mode: 0o755 })

  const source = join(place, 'source')
  const ref = options.ref ?? `${major}.0`
  onLine(`cloning ${from} at ${ref}`)
  await runWithProgress(
    git,
    ['clone', '--progress', '--depth=1', '--single-branch', `--branch=${ref}`, '--', from, source],
    { timeoutMs: cloneLimitMs, signal, onLine },
  )
  const environment = join(place, 'python')
  onLine('making a virtual environment and installing the packages that Odoo needs')
  await runWithProgress(python, ['-m', 'venv', environment], {
    timeoutMs: packagesLimitMs,
    signal,
    onLine,
  })
  const interpreter = join(environment, 'bin', 'python')
  await runWithProgress(
    interpreter,
    [
      ...[
        '-m',
        'pip',
        'install',
        '--no-input',
        '--disable-pip-version-check',
        '--progress-bar=off',
      ],
      ...['-r', join(source, 'requirements.txt')],
    ],
    { timeoutMs: packagesLimitMs, signal, onLine },
  )
  return await addRuntime({
    stateDir,
    major,
    path: source,
    python: interpreter,
    onLine,
    signal,
  })
}

/** A folder of plain files is what `runtime add` takes. A repository has `.git`, a bare one `HEAD`. */
function mustBeClonable(from: string, major: OdooMajor) {
  const isFolder = statSync(from, { throwIfNoEntry: false })?.isDirectory() === true
  if (!isFolder || ['.git', 'HEAD'].some((name) => existsSync(join(from, name)))) return
  throw new Error(
    `${from} is a folder but no git repository: pulse runtime add ${major} --path ${from} takes it as it is`,
  )
}

async function mustFind(name: string, packages = name): Promise<string> {
  const found = await findProgram(name)
  if (found === undefined) throw new Error(`${name} is missing: apt-get install -y ${packages}`)
  return found
}
