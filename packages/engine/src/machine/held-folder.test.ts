import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { inFolder, NoFolderError } from './held-folder.ts'

let base: string
let elsewhere: string
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'pulse-held-'))
  elsewhere = mkdtempSync(join(tmpdir(), 'pulse-elsewhere-'))
})
afterEach(() => {
  for (const folder of [base, elsewhere]) rmSync(folder, { recursive: true })
})

const openDescriptors = () => readdirSync('/proc/self/fd').length

test('what is missing on the way is made for its owner alone, and what is there stays as it is', () => {
  mkdirSync(join(base, 'a'), { mode: 0o750 })
  const before = openDescriptors()
  inFolder({ base, path: 'a/b/./c/' }, (here) => writeFileSync(join(here, 'file'), 'x'))
  expect(readFileSync(join(base, 'a/b/c/file'), 'utf8')).toBe('x')
  const modes = ['a', 'a/b', 'a/b/c'].map((path) => statSync(join(base, path)).mode & 0o777)
  expect(modes).toEqual([0o750, 0o700, 0o700])
  inFolder({ base, path: '.' }, (here) => expect(existsSync(join(here, 'a/b'))).toBe(true))
  expect(openDescriptors()).toBe(before)
})

test.each(['link', 'link/below', 'file/below'])(
  '%s is no folder, and nothing is made there',
  (path) => {
    symlinkSync(elsewhere, join(base, 'link'))
    writeFileSync(join(base, 'file'), '')
    const before = openDescriptors()
    expect(() => inFolder({ base, path }, () => 'entered')).toThrow(NoFolderError)
    expect(readdirSync(elsewhere)).toEqual([])
    expect(openDescriptors()).toBe(before)
  },
)

test('a link that is laid in the place of a folder that is held leads nobody away', () => {
  inFolder({ base, path: 'a/b' }, (here) => {
    renameSync(join(base, 'a'), join(base, 'moved'))
    symlinkSync(elsewhere, join(base, 'a'))
    mkdirSync(join(elsewhere, 'b'))
    writeFileSync(join(here, 'secret'), 'x')
  })
  expect(readdirSync(join(base, 'moved/b'))).toEqual(['secret'])
  expect(readdirSync(join(elsewhere, 'b'))).toEqual([])
})
