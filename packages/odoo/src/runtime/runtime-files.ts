import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type OdooMajor, odooMajors } from '@pulse/api'
import Type from 'typebox'
import { Value } from 'typebox/value'
import { major } from '../tasks/fields.ts'
import type { Runtime } from './runtime.ts'

/** `runtimes/{major}.json`: what was registered, checked once. */
const schema = Type.Object({
  major,
  version: Type.String(),
  command: Type.Array(Type.String(), { minItems: 1 }),
  path: Type.Optional(Type.String()),
  addonsPath: Type.Optional(Type.String()),
  bytecode: Type.Optional(Type.String()),
  standIn: Type.Boolean(),
})

export async function listRuntimes(stateDir: string): Promise<readonly Runtime[]> {
  const names = await readdir(folder(stateDir)).catch(noneIfMissing)
  const found = odooMajors.filter((wanted) => names.includes(`${wanted}.json`))
  return await Promise.all(found.map((wanted) => read(stateDir, wanted)))
}

export async function writeRuntime(stateDir: string, runtime: Runtime): Promise<void> {
  await mkdir(folder(stateDir), { recursive: true, mode: 0o755 })
  const path = join(folder(stateDir), `${runtime.major}.json`)
  await writeFile(`${path}.next`, `${JSON.stringify(runtime, undefined, 2)}\n`)
  await rename(`${path}.next`, path)
}

/** Forgets a runtime, with what Pulse itself made for it; the source of `runtime add` is the operator's. */
export async function removeRuntime(stateDir: string, wanted: OdooMajor): Promise<boolean> {
  const known = (await listRuntimes(stateDir)).some((runtime) => runtime.major === wanted)
  await rm(join(folder(stateDir), `${wanted}.json`), { force: true })
  const made = [...(await installations(stateDir, wanted)), bytecodeFolder(stateDir, wanted)]
  for (const path of made) await rm(path, { recursive: true, force: true })
  return known
}

/** Where a copy of the stand-in lies that was registered for a major. */
export function installedFolder(stateDir: string, wanted: OdooMajor): string {
  return join(folder(stateDir), wanted)
}

/** Source and virtual environment of one `runtime install`: no two share a folder. */
export function newInstallation(stateDir: string, wanted: OdooMajor): string {
  return join(folder(stateDir), `${wanted}-installed-${randomUUID().slice(0, 8)}`)
}

/** Removes installations of a major that none of these runtimes stands on. */
export async function removeInstallations(
  stateDir: string,
  wanted: OdooMajor,
  except: readonly Runtime[],
): Promise<void> {
  const used = except.flatMap(({ command, path = '' }) => [...command, path])
  for (const made of await installations(stateDir, wanted)) {
    const real = await realpath(made)
    if (used.some((path) => path.startsWith(`${made}/`) || path.startsWith(`${real}/`))) continue
    await rm(made, { recursive: true, force: true })
  }
}

async function installations(stateDir: string, wanted: OdooMajor): Promise<readonly string[]> {
  const names: readonly string[] = await readdir(folder(stateDir)).catch(() => [])
  return names
    .filter((name) => name === wanted || name.startsWith(`${wanted}-installed-`))
    .map((name) => join(folder(stateDir), name))
}

export function bytecodeFolder(stateDir: string, wanted: OdooMajor): string {
  return join(folder(stateDir), `${wanted}-bytecode`)
}

/** What may not be read is not taken for nothing. */
function noneIfMissing(error: unknown): readonly string[] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
  throw error
}

function folder(stateDir: string): string {
  return join(stateDir, 'runtimes')
}

async function read(stateDir: string, wanted: OdooMajor): Promise<Runtime> {
  const path = join(folder(stateDir), `${wanted}.json`)
  try {
    const { command, ...rest } = Value.Parse(schema, JSON.parse(await readFile(path, 'utf8')))
    const [file = '', ...args] = command
    return { ...rest, command: [file, ...args] }
  } catch (cause) {
    throw new Error(`${path} is damaged: pulse runtime add ${wanted} --path DIR writes it anew`, {
      cause,
    })
  }
}
