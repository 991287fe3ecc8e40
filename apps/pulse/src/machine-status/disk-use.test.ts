import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readDiskUse } from './disk-use.ts'

function stateOf(files: Readonly<Record<string, number>>): string {
  const root = mkdtempSync(join(tmpdir(), 'pulse-disk-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), Buffer.alloc(bytes, 1))
  }
  return root
}

test('databases, filestores and the rest are told apart, the largest first', async () => {
  const root = stateOf({
    'postgres/data/base/1': 300_000,
    'volumes/acme/file': 100_000,
    'pulse.log': 20_000,
  })
  symlinkSync('/usr', join(root, 'volumes/acme/link'))
  const { parts, freeBytes, totalBytes } = await readDiskUse(root)
  expect(parts.map(({ name, isWhole }) => [name, isWhole])).toEqual([
    ['databases', true],
    ['filestores', true],
    ['other', true],
  ])
  const [databases] = parts
  expect(databases?.bytes).toBeGreaterThanOrEqual(300_000)
  expect(databases?.bytes).toBeLessThan(400_000)
  expect(freeBytes).toBeLessThanOrEqual(totalBytes)
})

test('a part of very many files is counted up to a bound, and says that there is more', async () => {
  const files = Array.from({ length: 30 }, (_, index) => [`volumes/a/${index}`, 0])
  const { parts } = await readDiskUse(stateOf(Object.fromEntries(files)), 20)
  expect(parts).toMatchObject([{ name: 'filestores', isWhole: false }])
})
