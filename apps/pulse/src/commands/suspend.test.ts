import { expect, test } from 'vitest'
import { exitCodes } from '../exit.ts'
import { servedTenant } from './served-tenant.suite.ts'

const route = (reason: string) => [{ type: 'RouteReady', status: 'True', reason }]

test('a tenant with workers of its own is said to lose them, and to be woken by the first request', async () => {
  const own = await servedTenant('instance', route('Suspended'))
  await own.pulse('suspend', 'acme')
  expect(own.written.err).toContain('acme is suspended: its address says so, its own workers stop')
  const back = await servedTenant('instance', route('Routed'))
  await back.pulse('resume', 'acme')
  expect(back.written.err).toContain('acme is served again; the first request wakes it')
})

test('of one that a pool serves neither is said', async () => {
  const shared = await servedTenant('pool', route('Suspended'))
  await shared.pulse('suspend', 'acme')
  expect(shared.written.err).toMatch(/acme is suspended: its address says so \(/)
  const back = await servedTenant('pool', route('Routed'))
  await back.pulse('resume', 'acme')
  expect(back.written.err).toMatch(/acme is served again \(/)
})

test('after Ctrl-C people know that it is suspended all the same', async () => {
  const { pulse, interrupt } = await servedTenant('pool', route('Routed'))
  interrupt()
  await expect(pulse('suspend', 'acme')).rejects.toMatchObject({
    message: 'interrupted: acme will answer so all the same: its spec.status is suspended',
    exitCode: exitCodes.interrupted,
  })
})
