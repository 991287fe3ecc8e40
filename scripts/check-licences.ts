/**
 * Lists the licences of everything the lock file brings and fails on one that a product may not ship with
 * (AGPL, commercial, unknown). `--list` prints the table of docs/reference/licences.md.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

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
  'PostgreSQL',
  'Python-2.0',
  'Unlicense',
])

interface LockedPackage {
  readonly version?: string
  readonly license?: string
  readonly link?: boolean
}

const root = join(import.meta.dirname, '..')
const lock: { packages: Record<string, LockedPackage> } = JSON.parse(
  readFileSync(join(root, 'package-lock.json'), 'utf8'),
)

const packages = Object.entries(lock.packages)
  .filter(([path, { link }]) => path.includes('node_modules/') && link !== true)
  .map(([path, { version = '', license }]) => ({
    name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
    version,
    licence: license ?? licenceInFolder(path),
  }))

const refused = packages.filter(({ licence }) => !isAllowed(licence))
for (const { name, version, licence } of refused) {
  console.error(`${name}@${version}: licence ${licence} is not on the list`)
}
if (refused.length > 0) process.exit(1)
console.log(
  `${packages.length} dependencies, licences ${[...new Set(packages.map(({ licence }) => licence))].sort().join(', ')}`,
)

/** `(MIT OR GPL-3.0)` is fine by its best choice, `(MIT AND Zlib)` only if all are. */
function isAllowed(expression: string): boolean {
  const choices = expression.replace(/[()]/g, '').split(' OR ')
  return choices.some((choice) => choice.split(' AND ').every((name) => allowed.has(name.trim())))
}

function licenceInFolder(path: string): string {
  try {
    return JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')).license ?? 'unknown'
  } catch {
    return 'unknown'
  }
}
