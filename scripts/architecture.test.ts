import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

/** From the ground up: a package imports only from a lower layer. `testing` stands aside: it is used by tests and by `pulse up`. */
const layers: readonly (readonly string[])[] = [
  ['@pulse/api'],
  [
    '@pulse/compositions',
    '@pulse/events',
    '@pulse/odoo',
    '@pulse/service',
    '@pulse/client',
    '@pulse/engine',
    '@pulse/gateway',
  ],
  ['@pulse/testing'],
  ['@pulse/pulse'],
]

interface Manifest {
  readonly name: string
  readonly dir: string
  readonly dependencies: Readonly<Record<string, string>>
}

const manifests = ['packages', 'apps'].flatMap((parent) =>
  readdirSync(join(root, parent)).map((folder): Manifest => {
    const dir = join(root, parent, folder)
    const manifest = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'))
    return {
      name: manifest.name,
      dir,
      dependencies: { ...manifest.dependencies, ...manifest.optionalDependencies },
    }
  }),
)

describe.each(manifests)('$name', (manifest) => {
  const sources = sourcesOf(join(manifest.dir, 'src'))

  test('keeps to its layer, to its own folder and to declared dependencies', () => {
    const broken = sources.flatMap((file) =>
      importsOf(file)
        .filter((specifier) => breaksRule(manifest, file, specifier))
        .map((specifier) => `${file.slice(root.length + 1)} imports ${specifier}`),
    )
    expect(broken).toEqual([])
  })

  test('does not export everything blindly', () => {
    const starred = sources.filter((file) => /^export \*/m.test(readFileSync(file, 'utf8')))
    expect(starred).toEqual([])
  })
})

test('compositions and the API are pure: no clock, no randomness, no environment, no Node', () => {
  const impure = /\bDate\.now\(|new Date\(\)|Math\.random|process\.|from 'node:|globalThis\.crypto/
  const files = ['api', 'compositions'].flatMap((name) =>
    sourcesOf(join(root, 'packages', name, 'src')),
  )
  expect(files.filter((file) => impure.test(readFileSync(file, 'utf8')))).toEqual([])
})

test('no file name says nothing', () => {
  const empty =
    /(^|\/)(utils?|helpers?|common|shared|core|base|misc|manager|processor|data|info)\.ts$/
  const files = manifests.flatMap(({ dir }) => sourcesOf(join(dir, 'src')))
  expect(files.filter((file) => empty.test(file))).toEqual([])
})

test('nothing but a config.ts reads the environment', () => {
  const readers = manifests
    .filter(({ name }) => name !== '@pulse/testing')
    .flatMap(({ dir }) => sourcesOf(join(dir, 'src')))
    .filter((file) => !file.endsWith('/config.ts'))
    .filter((file) => /process\.env/.test(readFileSync(file, 'utf8')))
  expect(readers).toEqual([])
})

test('a newcomer reads the path of one creation in at most six files and 400 lines', () => {
  const [, path = ''] = readFileSync(join(root, 'docs/architecture.md'), 'utf8').split(
    '## The path of one creation\n',
  )
  const [steps = ''] = path.split('\nHow the server starts')
  const files = [...steps.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, file = '']) => join(root, file))
  const lines = files.map((file) => readFileSync(file, 'utf8').split('\n').length - 1)
  expect(files.length).toBeGreaterThan(0)
  expect(files.length).toBeLessThanOrEqual(6)
  expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(400)
})

/** Tests may import vitest and the testing package; they are checked by the types, not here. */
function sourcesOf(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.(test|suite)\.ts$/.test(file))
    .filter((file) => !file.split('/').includes('testdata'))
    .map((file) => join(dir, file))
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  const statement = /^(?:import|export)\b[^'"`;=(]*?\bfrom\s+'([^']+)'|^import\s+'([^']+)'/gm
  const call = /\bimport\(\s*'([^']+)'/g
  return [...text.matchAll(statement), ...text.matchAll(call)].map(
    ([, from, alone]) => from ?? alone ?? '',
  )
}

function breaksRule(manifest: Manifest, file: string, specifier: string): boolean {
  if (specifier.startsWith('.')) {
    return !normalize(join(dirname(file), specifier)).startsWith(`${manifest.dir}/`)
  }
  if (specifier.startsWith('node:')) return false
  const parts = specifier.split('/')
  const target = parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
  if (!(target in manifest.dependencies)) return true
  if (!target.startsWith('@pulse/')) return false
  return target !== specifier || layerOf(target) >= layerOf(manifest.name)
}

function layerOf(name: string): number {
  const layer = layers.findIndex((names) => names.includes(name))
  if (layer === -1) throw new Error(`${name} has no layer: add it to scripts/architecture.test.ts`)
  return layer
}
