import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { OdooMajor } from '@pulse/api'
import { findProgram, runWithProgress } from '../program.ts'
import { addRuntime } from './add-runtime.ts'
import type { Runtime } from './runtime.ts'
import { installedFolder } from './runtime-files.ts'

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

/** Fetches the source with git and its packages into a virtual environment, then registers it like any other. */
export async function installRuntime(options: InstallRuntimeOptions): Promise<Runtime> {
  const { stateDir, major, onLine, signal } = options
  const git = await mustFind('git')
  const python = options.python ?? (await mustFind('python3', 'python3 python3-venv'))
  const place = installedFolder(stateDir, major)
  const unfinished = `${place}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true, mode: 0o755 })

  const source = join(unfinished, 'source')
  const ref = options.ref ?? `${major}.0`
  const from = options.from ?? defaultSource
  onLine(`cloning ${from} at ${ref}`)
  await runWithProgress(
    git,
    ['clone', '--progress', '--depth=1', '--single-branch', `--branch=${ref}`, '--', from, source],
    { timeoutMs: cloneLimitMs, signal, onLine },
  )
  // A virtual environment knows its own path, so it is made where it stays.
  await rm(place, { recursive: true, force: true })
  await rename(unfinished, place)
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
      ...['-r', join(place, 'source', 'requirements.txt')],
    ],
    { timeoutMs: packagesLimitMs, signal, onLine },
  )
  return await addRuntime({
    stateDir,
    major,
    path: join(place, 'source'),
    python: interpreter,
    onLine,
    signal,
  })
}

async function mustFind(name: string, packages = name): Promise<string> {
  const found = await findProgram(name)
  if (found === undefined) throw new Error(`${name} is missing: apt-get install -y ${packages}`)
  return found
}
