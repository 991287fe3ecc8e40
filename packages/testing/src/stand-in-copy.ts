import {
  access,
  chmod,
  constants,
  cp,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { OdooMajor } from '@pulse/api'
import type { StandInProgram } from './stand-in.ts'

const require = createRequire(import.meta.url)
/** What the stand-in imports; their own dependencies are found from there. */
const imported = ['pg', 'ws']

/**
 * Puts the stand-in with its interpreter into a folder that every user may read: a tenant's user
 * cannot reach a checkout under a private home. Replaces what lies there; costs one hard link or
 * copy of the interpreter and half a megabyte.
 */
export async function copyStandIn(folder: string): Promise<(major: OdooMajor) => StandInProgram> {
  const draft = `${folder}.draft`
  await rm(draft, { recursive: true, force: true })
  await mkdir(join(draft, 'node_modules'), { recursive: true, mode: 0o755 })
  await cp(join(import.meta.dirname, 'odoo'), join(draft, 'odoo'), {
    recursive: true,
    filter: (path) => !path.includes('.test.'),
  })
  await writeFile(join(draft, 'package.json'), '{ "type": "module", "private": true }\n')
  for (const [name, source] of await packagesOf(imported, import.meta.filename, new Map())) {
    await cp(source, join(draft, 'node_modules', name), { recursive: true, dereference: true })
  }
  await openToAll(draft)
  await placeInterpreter(join(draft, 'node'))
  await placeSeal(folder, join(draft, 'bin'))

  await rm(folder, { recursive: true, force: true })
  await rename(draft, folder)
  return standInAt(folder)
}

/** The program by which a pod seals its own stand-in before it ends. */
async function placeSeal(folder: string, programs: string): Promise<void> {
  const path = join(programs, 'pulse-seal')
  await mkdir(programs, { mode: 0o755 })
  const seal = [join(folder, 'node'), join(folder, 'odoo/seal.ts')]
  const quoted = seal.map((text) => `'${text.replaceAll("'", `'\\''`)}'`)
  await writeFile(path, `#!/bin/sh\nexec ${quoted.join(' ')} "$@"\n`)
  await chmod(path, 0o755)
}

/** The programs of a copy that was made before; `burn` 0 spends no CPU for show. */
export function standInAt(folder: string, burn = 1): (major: OdooMajor) => StandInProgram {
  const own = burn === 1 ? [] : [`--standin-burn=${burn}`]
  return (major) => ({
    command: join(folder, 'node'),
    args: [join(folder, 'odoo/main.ts'), `--standin-major=${major}`, ...own],
  })
}

/** Whatever umask the checkout was made under. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644)
  }
}

/** A hard link where the file is open to all and on the same disk, else a copy. */
async function placeInterpreter(target: string): Promise<void> {
  const open = ((await stat(process.execPath)).mode & 0o555) === 0o555
  const linked =
    open &&
    (await link(process.execPath, target).then(
      () => true,
      () => false,
    ))
  if (!linked) await cp(process.execPath, target, { dereference: true })
  await access(target, constants.X_OK)
}

async function packagesOf(
  names: readonly string[],
  from: string,
  found: Map<string, string>,
): Promise<Map<string, string>> {
  for (const name of names) {
    if (found.has(name)) continue
    const folder = folderOf(name, from)
    if (!folder) continue
    found.set(name, folder)
    const { dependencies = {} } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    await packagesOf(Object.keys(dependencies), join(folder, 'package.json'), found)
  }
  return found
}

/** Optional dependencies may be absent. */
function folderOf(name: string, from: string): string | undefined {
  const nearby = createRequire(from).resolve.paths(name) ?? require.resolve.paths(name) ?? []
  for (const parent of nearby) {
    try {
      return dirname(require.resolve(join(parent, name, 'package.json')))
    } catch {}
  }
  return undefined
}
