import { Buffer } from 'node:buffer'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  giveToOrdinaryUser,
  ordinaryUserMissing,
  runAsOrdinaryUser,
} from './ordinary-user.suite.ts'
import { removeTree } from './remove-tree.ts'

const program = join(import.meta.dirname, 'testdata', 'remove-tree-process.ts')
let place: string
let tree: string

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'pulse-trees-'))
  tree = join(place, 'tree')
  mkdirSync(join(tree, 'secret', 'inner'), { recursive: true })
  writeFileSync(join(tree, 'secret', 'key'), 'x')
  writeFileSync(join(tree, 'secret', 'inner', 'key'), 'x')
  mkdirSync(join(place, 'outside'))
  writeFileSync(join(place, 'outside', 'precious'), 'x')
})
afterEach(() => {
  for (const name of ['.', 'outside']) chmodSync(join(place, name), 0o700)
  removeTree(place)
})

function modeOf(path: string): number {
  return statSync(path).mode & 0o777
}

/** Resolves with what it has said. */
async function removeAsOrdinaryUser(): Promise<string> {
  return (await runAsOrdinaryUser(program, tree)).stderr
}

describe.skipIf(ordinaryUserMissing !== undefined)(
  `for a user who is not root (${ordinaryUserMissing ?? 'there is one'})`,
  () => {
    test.each([0o500, 0o300, 0o600, 0o000])(
      'folders that are closed to their owner are removed: %o',
      async (mode) => {
        giveToOrdinaryUser(place)
        chmodSync(join(tree, 'secret', 'inner'), mode)
        chmodSync(join(tree, 'secret'), mode)
        chmodSync(tree, mode)
        expect(await removeAsOrdinaryUser()).toBe('')
        expect(existsSync(tree)).toBe(false)
      },
    )

    test('what is removed already may be removed again', async () => {
      giveToOrdinaryUser(place)
      rmSync(tree, { recursive: true })
      expect(await removeAsOrdinaryUser()).toBe('')
    })

    test('a closed folder is found whatever its name', async () => {
      const odd = Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff])])
      mkdirSync(odd)
      writeFileSync(Buffer.concat([odd, Buffer.from('/key')]), 'x')
      giveToOrdinaryUser(place)
      chmodSync(odd, 0o500)
      expect(await removeAsOrdinaryUser()).toBe('')
      expect(existsSync(tree)).toBe(false)
    })

    test('a link is removed, and what it points to stays as it is', async () => {
      symlinkSync(join(place, 'outside'), join(tree, 'secret', 'link'))
      giveToOrdinaryUser(place)
      chmodSync(join(place, 'outside'), 0o500)
      chmodSync(join(tree, 'secret'), 0o500)
      expect(await removeAsOrdinaryUser()).toBe('')
      expect(existsSync(tree)).toBe(false)
      expect(modeOf(join(place, 'outside'))).toBe(0o500)
      expect(readFileSync(join(place, 'outside', 'precious'), 'utf8')).toBe('x')
    })

    test('a link in its place is removed alone', async () => {
      rmSync(tree, { recursive: true })
      symlinkSync(join(place, 'outside'), tree)
      giveToOrdinaryUser(place)
      chmodSync(join(place, 'outside'), 0o500)
      expect(await removeAsOrdinaryUser()).toBe('')
      expect(existsSync(tree)).toBe(false)
      expect(modeOf(join(place, 'outside'))).toBe(0o500)
    })

    test('the folder around it is not opened, and what stays is told', async () => {
      giveToOrdinaryUser(place)
      chmodSync(place, 0o500)
      expect(await removeAsOrdinaryUser()).toContain(`cannot remove ${tree}: EACCES`)
      expect(modeOf(place)).toBe(0o500)
      expect(existsSync(tree)).toBe(true)
    })

    test('one that is closed deeper than is looked stays, and is told', async () => {
      const deep = join(tree, ...Array.from({ length: 600 }, () => 'd'))
      mkdirSync(deep, { recursive: true })
      writeFileSync(join(deep, 'key'), 'x')
      giveToOrdinaryUser(place)
      chmodSync(deep, 0o500)
      expect(await removeAsOrdinaryUser()).toContain(`cannot remove ${tree}: EACCES`)
      chmodSync(deep, 0o700)
    })
  },
)
