import { access, constants, mkdir, readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { OdooMajor } from '@pulse/api'
import { findProgram, ProgramError, runProgram } from '../program.ts'
import { faultOfPython } from './python-fault.ts'
import type { Runtime } from './runtime.ts'
import { bytecodeFolder, writeRuntime } from './runtime-files.ts'

export interface AddRuntimeOptions {
  readonly stateDir: string
  readonly major: OdooMajor
  /** Folder with `odoo-bin`. */
  readonly path: string
  /** Interpreter; without it python3 of the search path. */
  readonly python?: string | undefined
  readonly onLine: (line: string) => void
  readonly signal?: AbortSignal | undefined
}

const importLimitMs = 120_000
const compileLimitMs = 15 * 60_000

/** Registers a source tree after it has shown that it is that major, can be imported and is compiled. */
export async function addRuntime(options: AddRuntimeOptions): Promise<Runtime> {
  const { stateDir, major, onLine } = options
  const path = await realpath(options.path).catch((cause: unknown) => {
    throw new Error(`there is no folder ${options.path}`, { cause })
  })
  const version = await versionOf(path)
  if (version.split('.')[0] !== major) {
    throw new Error(`${path} is Odoo ${version}, not ${major}`)
  }
  const python = options.python ?? (await findProgram('python3'))
  if (python === undefined) {
    throw new Error('python3 is missing: apt-get install -y python3 python3-venv')
  }
  const compiled: Runtime = {
    major,
    version,
    command: [python, join(path, 'odoo-bin')],
    path,
    bytecode: await bytecodeOf(stateDir, major, path),
    standIn: false,
  }
  onLine(`Odoo ${version} in ${path}: importing with ${python}`)
  await mustImport(compiled, options.signal)
  for (const name of await missingPackages(compiled, options.signal)) {
    onLine(`warning: the Python package ${name} is missing; modules that need it cannot be loaded`)
  }
  const fault = faultOfPython(await pythonVersion(compiled, options.signal))
  if (fault !== undefined) onLine(`warning: ${fault}`)
  const place = compiled.bytecode ?? `the folders __pycache__ of ${path}`
  onLine(`compiling bytecode, once, to ${place}`)
  await compile(compiled, options.signal)
  await writeRuntime(stateDir, compiled)
  return compiled
}

/** Series by `odoo/release.py`, read as text: nothing of the tree runs before it is known what it is. */
export async function versionOf(path: string): Promise<string> {
  const text = await readFile(join(path, 'odoo', 'release.py'), 'utf8').catch((cause: unknown) => {
    throw new Error(`${path} is no Odoo source: it has no odoo/release.py`, { cause })
  })
  const found = /^version_info\s*=\s*\(\s*(?:'saas~)?(\d+)'?\s*,\s*(\d+)/m.exec(text)
  if (found === null) throw new Error(`${path}/odoo/release.py does not tell its version`)
  return `${found[1]}.${found[2]}`
}

/** Imports what a server needs; the first missing package is named with what installs all of them. */
export async function mustImport(runtime: Runtime, signal?: AbortSignal): Promise<void> {
  const [python] = runtime.command
  const { path = '.' } = runtime
  const program = 'import odoo, odoo.http, odoo.service.server, odoo.modules.registry'
  try {
    await runProgram(python, ['-c', program], {
      timeoutMs: importLimitMs,
      signal,
      cwd: path,
      env: environment(runtime),
    })
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error
    const missing = /No module named '([^']+)'/.exec(error.output)?.[1]
    const reason =
      missing === undefined
        ? error.message
        : `the Python package ${missing} is missing: ${python} -m pip install -r ${join(path, 'requirements.txt')}`
    throw new Error(`Odoo ${runtime.version} cannot be imported: ${reason}`, { cause: error })
  }
}

/** Which packages of requirements.txt the interpreter does not have: some modules import them only when loaded. */
const findMissing = `
import importlib.metadata, re, sys
for line in open('requirements.txt'):
    line = line.split('#')[0].strip()
    name = re.match(r'[A-Za-z0-9._-]+', line)
    if not name or 'win32' in line:
        continue
    try:
        importlib.metadata.distribution(name.group())
    except importlib.metadata.PackageNotFoundError:
        print(name.group())
`

async function missingPackages(runtime: Runtime, signal?: AbortSignal): Promise<readonly string[]> {
  const said = await runProgram(runtime.command[0], ['-c', findMissing], {
    timeoutMs: importLimitMs,
    signal,
    cwd: runtime.path,
    env: environment(runtime),
  }).catch(() => '')
  return [...new Set(said.split('\n').filter((name) => name !== ''))]
}

async function pythonVersion(runtime: Runtime, signal?: AbortSignal): Promise<string> {
  const program = 'import platform; print(platform.python_version())'
  const said = await runProgram(runtime.command[0], ['-c', program], {
    timeoutMs: importLimitMs,
    signal,
    env: environment(runtime),
  }).catch(() => '')
  return said.trim()
}

/** Without bytecode each start takes 5–8 s instead of one. */
async function compile(runtime: Runtime, signal?: AbortSignal): Promise<void> {
  const [python] = runtime.command
  const { path = '.' } = runtime
  if (runtime.bytecode !== undefined)
    await mkdir(runtime.bytecode, { recursive: true, mode: 0o755 })
  const folders = await presentFolders(path, ['odoo', 'addons'])
  // Some files of a tree are templates or for other versions: compileall says so with code 1, and that is fine.
  await runProgram(python, ['-m', 'compileall', '-q', '-j', '0', ...folders], {
    timeoutMs: compileLimitMs,
    signal,
    cwd: path,
    env: environment(runtime),
  }).catch((error: unknown) => {
    if (!(error instanceof ProgramError) || signal?.aborted === true) throw error
  })
}

async function presentFolders(path: string, names: readonly string[]): Promise<readonly string[]> {
  const checks = await Promise.allSettled(names.map((name) => access(join(path, name))))
  return names.filter((_, index) => checks[index]?.status === 'fulfilled')
}

/** Beside the source when it can be written, else in the state directory. */
async function bytecodeOf(
  stateDir: string,
  major: OdooMajor,
  path: string,
): Promise<string | undefined> {
  const writable = await access(join(path, 'odoo'), constants.W_OK).then(
    () => true,
    () => false,
  )
  return writable ? undefined : bytecodeFolder(stateDir, major)
}

function environment({ bytecode }: Runtime): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    HOME: '/nonexistent',
    USER: 'pulse',
    LOGNAME: 'pulse',
    ...(bytecode === undefined ? {} : { PYTHONPYCACHEPREFIX: bytecode }),
  }
}
