import { execFile } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buryFilestore, placeFilestore, removeBuriedFilestore } from './place.ts'
import { type FilestorePlaces, machinePlaces } from './places.ts'

let stateDir: string
let places: FilestorePlaces
let source: string
const target = { claim: 'ns/odoo-filestore', database: 'acme.localhost' }

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'pulse-filestore-'))
  places = machinePlaces(stateDir)
  source = join(places.templates, 'basic', 'filestore')
  await mkdir(join(source, 'ab'), { recursive: true })
  await writeFile(join(source, 'ab', 'abc'), 'content', { mode: 0o444 })
  await mkdir(places.volume(target.claim), { recursive: true, mode: 0o700 })
})
afterEach(() => rm(stateDir, { recursive: true, force: true }))

const place = () => placeFilestore(places, { source, target, key: 'uid-1' })
const volume = () => places.volume(target.claim)

test('files are the template’s own inodes', async () => {
  expect(await place()).toBe(1)
  const placed = join(volume(), 'filestore', target.database, 'ab', 'abc')
  expect((await stat(placed)).ino).toBe((await stat(join(source, 'ab', 'abc'))).ino)
  expect((await stat(join(volume(), 'filestore'))).mode & 0o777).toBe(0o700)
})

test('placing again replaces what lay there, and mixes nothing', async () => {
  const folder = join(volume(), 'filestore', target.database)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'stranger'), 'of an earlier owner')
  await place()
  await place()
  expect(await readdir(folder)).toEqual(['ab'])
  expect(await readdir(places.staging)).toEqual([])
})

test('a tenant’s link in the way is never followed', async () => {
  const outside = join(stateDir, 'outside')
  await mkdir(join(outside, target.database), { recursive: true })
  await writeFile(join(outside, target.database, 'precious'), 'kept')
  await symlink(outside, join(volume(), 'filestore'))
  await expect(place()).rejects.toThrow('is not a plain folder')
  await expect(buryFilestore(places, target, 'uid-1')).rejects.toThrow('is not a plain folder')
  expect(await readFile(join(outside, target.database, 'precious'), 'utf8')).toBe('kept')
})

test('a link as the environment’s folder is moved as a link, and its target stays', async () => {
  const outside = join(stateDir, 'outside')
  await mkdir(outside)
  await writeFile(join(outside, 'precious'), 'kept')
  await mkdir(join(volume(), 'filestore'))
  await symlink(outside, join(volume(), 'filestore', target.database))
  await place()
  expect(await readdir(join(volume(), 'filestore', target.database))).toEqual(['ab'])
  expect(await readFile(join(outside, 'precious'), 'utf8')).toBe('kept')
})

test.each(['..', '.', '', 'a/b', '../x'])('the name %j leads nowhere else', async (database) => {
  await expect(
    placeFilestore(places, { source, target: { ...target, database }, key: 'uid-1' }),
  ).rejects.toThrow('cannot be the name of a filestore')
})

test.each(['../x/y', 'ns', 'ns/../..', '/etc/x', 'a/b/c'])('the volume %j is refused', (claim) => {
  expect(() => places.volume(claim)).toThrow('must be {namespace}/{claim}')
})

test('buried twice, the first grave stays, with everything in it', async () => {
  await place()
  await buryFilestore(places, target, 'uid-1')
  await mkdir(join(volume(), 'filestore', target.database))
  await buryFilestore(places, target, 'uid-1')
  expect(existsSync(join(volume(), 'filestore', target.database))).toBe(false)
  expect(await readdir(join(places.tombstones, 'uid-1'))).toEqual(['ab'])
})

test('a grave is removed, and the template keeps its files', async () => {
  await place()
  await buryFilestore(places, target, 'uid-1')
  await removeBuriedFilestore(places, 'uid-1')
  expect(await readdir(places.tombstones)).toEqual([])
  expect(await readFile(join(source, 'ab', 'abc'), 'utf8')).toBe('content')
})

test.skipIf(!hasTwoFileSystems())(
  'a burial on another disk that was cut short loses nothing when it is done again',
  async () => {
    const tombstones = await mkdtemp('/dev/shm/pulse-tombstones-')
    const elsewhere = { ...places, tombstones }
    try {
      await place()
      const folder = join(volume(), 'filestore', target.database)
      // A copy stops at what cannot be copied.
      await promisify(execFile)('mkfifo', [join(folder, 'aa')])
      await expect(buryFilestore(elsewhere, target, 'uid-1')).rejects.toThrow()
      await rm(join(folder, 'aa'))
      await buryFilestore(elsewhere, target, 'uid-1')
      const buried = join(tombstones, 'uid-1', 'ab', 'abc')
      expect(await readFile(buried, 'utf8')).toBe('content')
      expect(await readdir(tombstones)).toEqual(['uid-1'])
      expect(existsSync(folder)).toBe(false)
    } finally {
      await rm(tombstones, { recursive: true, force: true })
    }
  },
)

test('burying what never was is no error', async () => {
  await buryFilestore(places, { claim: 'gone/odoo-filestore', database: 'x.localhost' }, 'uid-2')
  expect(existsSync(join(places.tombstones, 'uid-2'))).toBe(false)
})

function hasTwoFileSystems(): boolean {
  return existsSync('/dev/shm') && statSync('/dev/shm').dev !== statSync(tmpdir()).dev
}
