import type { Objects } from '@pulse/engine'
import { expect, test } from 'vitest'
import { openLeaseStore } from '../leases/lease-store.suite.ts'
import { gatewayNamespace } from './parameters.ts'
import { readReaderPassword } from './reader-password.ts'

const ref = { apiVersion: 'v1', kind: 'Secret', namespace: gatewayNamespace, name: 'pulse-reader' }
const writer = { fieldManager: 'test' }

test('gateways that start at the same moment on one store read with one password', async () => {
  const objects = await openLeaseStore(gatewayNamespace)
  let refusals = 0
  const counted: Pick<Objects, 'get' | 'create'> = {
    get: (asked) => objects.get(asked),
    create: (object, options) =>
      objects.create(object, options).catch((error: unknown) => {
        refusals += 1
        throw error
      }),
  }
  const passwords = await Promise.all([1, 2, 3].map(() => readReaderPassword(counted)))
  expect(passwords[0]).toMatch(/^[0-9a-f]{40}$/)
  expect(new Set(passwords).size).toBe(1)
  // All three found none, and two were refused theirs.
  expect(refusals).toBe(2)
  expect(await readReaderPassword(objects)).toBe(passwords[0])
})

test('two stores have two passwords', async () => {
  const [one, other] = await Promise.all(
    [1, 2].map(async () => await readReaderPassword(await openLeaseStore(gatewayNamespace))),
  )
  expect(one).not.toBe(other)
})

test('a Secret without a password is told of by its name, and never replaced', async () => {
  const objects = await openLeaseStore(gatewayNamespace)
  const { apiVersion, kind, ...metadata } = ref
  await objects.create({ apiVersion, kind, metadata, data: { other: 'eA==' } }, writer)
  await expect(readReaderPassword(objects)).rejects.toThrow('pulse-system/pulse-reader')
  expect((await objects.get(ref))?.data).toEqual({ other: 'eA==' })
})
