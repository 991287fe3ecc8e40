import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

const testFiles = ['packages', 'apps', 'scripts']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
      join(root, folder, path),
    ),
  )
  .filter((path) => path.endsWith('.test.ts') && !path.includes('node_modules'))

test('every test that stands for a guarantee of the gateway is there under its name', () => {
  const page = readFileSync(join(root, 'docs/guarantees.md'), 'utf8')
  const named = page
    .split('\n')
    .flatMap((line) => line.split('|')[2]?.split(' · ') ?? [])
    .flatMap((entry) => /`([\w.-]+\.test\.ts)`: (.+)/.exec(entry.trim())?.slice(1, 3) ?? [])
  expect(named.length).toBeGreaterThan(40)
  const missing: string[] = []
  for (let at = 0; at + 1 < named.length; at += 2) {
    const [file = '', name = ''] = named.slice(at, at + 2)
    if (!isThere(file, name)) missing.push(`${file}: ${name}`)
  }
  expect(missing).toEqual([])
})

/** Several files may be called the same. */
function isThere(file: string, name: string): boolean {
  return testFiles
    .filter((path) => basename(path) === file)
    .some((path) => readFileSync(path, 'utf8').includes(name))
}
