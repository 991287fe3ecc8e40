import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a product under Apache-2.0 may ship with: no AGPL, nothing commercial, nothing unknown. */
const allowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MPL-2.0',
  'PSF-2.0',
  'PostgreSQL',
  'Python-2.0',
  'Unlicense',
])

/** One package that the lock file brings. */
export interface Dependency {
  readonly name: string
  readonly version: string
  /** SPDX expression. */
  readonly licence: string
}

interface LockedPackage {
  readonly version?: string
  readonly license?: string
  readonly link?: boolean
}

const root = join(import.meta.dirname, '..')

/** Every package of the lock file, once, by name. */
export function listDependencies(): readonly Dependency[] {
  const lock: { packages: Record<string, LockedPackage> } = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
  )
  const found = Object.entries(lock.packages)
    .filter(([path, { link }]) => path.includes('node_modules/') && link !== true)
    .map(([path, { version = '', license }]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      licence: license ?? licenceInFolder(path),
    }))
  const byKey = new Map(found.map((one) => [`${one.name}@${one.version}`, one]))
  return [...byKey.keys()].sort().flatMap((key) => byKey.get(key) ?? [])
}

/** `(MIT OR GPL-3.0)` is fine by its best choice, `(MIT AND Zlib)` only if all are. */
export function isAllowed({ licence }: Dependency): boolean {
  const choices = licence.replace(/[()]/g, '').split(' OR ')
  return choices.some((choice) => choice.split(' AND ').every((name) => allowed.has(name.trim())))
}

function licenceInFolder(path: string): string {
  try {
    return JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')).license ?? 'unknown'
  } catch {
    return 'unknown'
  }
}
