import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createVolumeFolders } from './volume-folders.ts'

const volume = { namespace: 'acme', name: 'filestore' }
let place: string
let root: string

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'pulse-folders-'))
  root = join(place, 'volumes')
  await mkdir(join(place, 'outside'))
  await writeFile(join(place, 'outside', 'precious'), 'x')
})
afterEach(() => rm(place, { recursive: true, force: true }))

test('a folder is made for its owner alone, and making it again keeps what is in it', async () => {
  const volumes = createVolumeFolders(root)
  await volumes.create(volume, undefined)
  await writeFile(join(root, 'acme', 'filestore', 'file'), 'kept')
  await volumes.create(volume, undefined)
  expect((await stat(join(root, 'acme', 'filestore'))).mode & 0o777).toBe(0o700)
  expect(await readFile(join(root, 'acme', 'filestore', 'file'), 'utf8')).toBe('kept')
})

test('two claims of one new namespace may be made at once', async () => {
  const volumes = createVolumeFolders(root)
  const namespaces = Array.from({ length: 20 }, (_, index) => `acme-${index}`)
  const both = namespaces.flatMap((namespace) => [
    volumes.create({ namespace, name: 'filestore' }, undefined),
    volumes.create({ namespace, name: 'addons' }, undefined),
  ])
  await Promise.all(both)
  for (const namespace of namespaces) {
    expect(await readdir(join(root, namespace))).toEqual(['addons', 'filestore'])
  }
})

test('removing follows no link out of the folder, and may be repeated', async () => {
  const volumes = createVolumeFolders(root)
  await volumes.create(volume, undefined)
  await symlink(join(place, 'outside'), join(root, 'acme', 'filestore', 'link'))
  await volumes.remove(volume)
  await volumes.remove(volume)
  await expect(stat(join(root, 'acme', 'filestore'))).rejects.toThrow('ENOENT')
  expect(await readFile(join(place, 'outside', 'precious'), 'utf8')).toBe('x')
})

test('the folder of a namespace goes with its last volume', async () => {
  const volumes = createVolumeFolders(root)
  const other = { ...volume, name: 'addons' }
  await volumes.create(volume, undefined)
  await volumes.create(other, undefined)
  await volumes.remove(volume)
  expect((await stat(join(root, 'acme', 'addons'))).isDirectory()).toBe(true)
  await volumes.remove(other)
  await expect(stat(join(root, 'acme'))).rejects.toThrow('ENOENT')
})

test('a link in place of the folder or of its parent is refused, and what it points to stays', async () => {
  const volumes = createVolumeFolders(root)
  await mkdir(root)
  await symlink(join(place, 'outside'), join(root, 'acme'))
  await expect(volumes.create(volume, undefined)).rejects.toThrow('is not a folder')
  await expect(volumes.remove({ ...volume, name: 'precious' })).rejects.toThrow('is not a folder')
  expect(await readFile(join(place, 'outside', 'precious'), 'utf8')).toBe('x')
})

test.each(['..', '.', '../acme', 'a/b', 'a..b', '', 'A'])(
  '%j is no name of a folder',
  async (name) => {
    const volumes = createVolumeFolders(root)
    await expect(volumes.create({ ...volume, name }, undefined)).rejects.toThrow(
      'cannot be a folder',
    )
    await expect(volumes.remove({ namespace: name, name: 'x' })).rejects.toThrow(
      'cannot be a folder',
    )
  },
)
