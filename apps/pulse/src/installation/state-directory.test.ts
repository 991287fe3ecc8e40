import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openStateDirectory } from './state-directory.ts'

function emptyFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'pulse-state-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('a state directory is made with the folders above it, by two at once, and is the same ever after', async () => {
  const root = join(emptyFolder(), 'a', 'b')
  const [one, other] = await Promise.all([openStateDirectory(root), openStateDirectory(root)])
  expect(one.id).toBe(other.id)
  expect((await openStateDirectory(root)).id).toBe(one.id)
  expect(statSync(one.paths.authority).mode & 0o777).toBe(0o700)
  expect(statSync(one.paths.pods).mode & 0o777).toBe(0o711)
})

test.each([
  { where: 'in a file system that makes no folders', root: () => '/proc/pulse/state' },
  {
    where: 'below a file',
    root() {
      const file = join(emptyFolder(), 'file')
      writeFileSync(file, '')
      return join(file, 'state')
    },
  },
])('a state directory $where is refused at once', async ({ root }) => {
  const path = root()
  await expect(openStateDirectory(path)).rejects.toThrow(`cannot use the state directory ${path}`)
})
