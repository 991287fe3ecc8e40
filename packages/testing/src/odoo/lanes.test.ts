import { expect, test } from 'vitest'
import { createLanes } from './lanes.ts'
import type { Registries } from './registries.ts'

const makeRegistries = (): Registries => ({
  open: () => Promise.reject(new Error('not asked for')),
  loaded: () => [],
})

test('a worker serves one request at a time, in the order of their coming', async () => {
  const lanes = createLanes(1, makeRegistries)
  const order: string[] = []
  const gate = Promise.withResolvers<void>()
  const slow = lanes.run(async () => {
    await gate.promise
    order.push('slow')
  })
  const quick = lanes.run(async () => order.push('quick'))
  const last = lanes.run(async () => order.push('last'))
  gate.resolve()
  await Promise.all([slow, quick, last])
  expect(order).toEqual(['slow', 'quick', 'last'])
})

test('two workers serve two at once, each with registries of its own', async () => {
  const lanes = createLanes(2, makeRegistries)
  const both = Promise.withResolvers<void>()
  const seen = new Set<Registries>()
  const work = async (registries: Registries) => {
    seen.add(registries)
    if (seen.size === 2) both.resolve()
    await both.promise
  }
  await Promise.all([lanes.run(work), lanes.run(work)])
  expect(seen.size).toBe(2)
})

test('a request that fails gives its worker back', async () => {
  const lanes = createLanes(1, makeRegistries)
  const failing = lanes.run(() => Promise.reject(new Error('broken')))
  await expect(failing).rejects.toThrow('broken')
  expect(await lanes.run(async () => 'served')).toBe('served')
})

test('threads share one set of registries without waiting', async () => {
  const lanes = createLanes(0, makeRegistries)
  const gate = Promise.withResolvers<Registries>()
  const first = lanes.run(() => gate.promise)
  await lanes.run(async (registries) => gate.resolve(registries))
  expect(await lanes.run(async (registries) => registries)).toBe(await first)
})
