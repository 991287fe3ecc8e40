import { expect, test } from 'vitest'
import { freeShare } from './free-share.ts'

test('of an external server nothing is known', async () => {
  expect(await freeShare(undefined)).toBeUndefined()
})

test('of our own server it is a share of the disk', async () => {
  const share = await freeShare(import.meta.dirname)
  expect(share).toBeGreaterThanOrEqual(0)
  expect(share).toBeLessThanOrEqual(1)
})

test('a folder that is not there is an error, never a full or an empty disk', async () => {
  await expect(freeShare('/nowhere/data')).rejects.toThrow('ENOENT')
})
