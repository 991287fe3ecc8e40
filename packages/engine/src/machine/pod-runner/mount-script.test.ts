import { expect, test } from 'vitest'
import { isBelow, mountScript, outermostMountsBelow, quote } from './mount-script.ts'

test('a path with quotes stays one word', () => {
  expect(quote("it's")).toBe(`'it'\\''s'`)
})

test('only the outermost mounts are kept: they bring the inner ones', () => {
  const points = ['/', '/mnt', '/mnt/disk', '/mnt/disk/inner', '/mntx', '/mnt/other', '/mnt/disk']
  expect(outermostMountsBelow('/mnt', points)).toEqual(['disk', 'other'])
})

test.each([
  ['/a', '/a/b', true],
  ['/a', '/ab', false],
  ['/a', '/a', false],
  ['/', '/a', true],
])('is %s above %s: %s', (folder, path, expected) => {
  expect(isBelow(folder, path)).toBe(expected)
})

test('outer mounts come before those inside them', () => {
  const bind = { source: '/s', subPath: '', isFile: false, readOnly: true }
  const lines = mountScript({
    skeletons: [],
    binds: [
      { ...bind, target: '/data/cache' },
      { ...bind, target: '/data' },
    ],
  })
  expect(lines.map((line) => line.split(' ').at(-1))).toEqual(["'/data'", "'/data/cache'", '/'])
})

test('a missing place costs one mount, unless something of its folder must stay as it is', () => {
  const skeleton = { folder: '/etc', lower: '/l', stash: '/s' }
  const linesOf = (kept: readonly string[]) =>
    mountScript({ skeletons: [{ ...skeleton, kept }], binds: [] }).slice(0, -1)
  expect(linesOf([])).toEqual(["mount -t overlay -o 'lowerdir=/l:/etc' pulse '/etc'"])
  expect(linesOf(['disk'])).toEqual([
    "mount --rbind '/etc' '/s'",
    "mount -t overlay -o 'lowerdir=/l:/etc' pulse '/etc'",
    "mount --rbind '/s/disk' '/etc/disk'",
  ])
})
