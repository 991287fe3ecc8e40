import type { KubeObject } from '@pulse/api'
import { beforeAll, expect, test } from 'vitest'
import { backendsOf } from '../routing/endpoint-slice.ts'
import { openWebsocket } from './open-websocket.suite.ts'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import { createTenant, type Tenant, visit } from './tenant.suite.ts'

let pulse: PulseUnderTest
let maker: Tenant

beforeAll(async () => {
  pulse = await startPulse({ env: { PLANA_ODOO_WORKERS: 'tier' } })
  maker = await createTenant(pulse, 'maker', '--tier', 'pro', '--hosting', 'instance')
  return pulse.cleanUp
})

async function slices(): Promise<readonly KubeObject[]> {
  const kind = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }
  const { items } = await (await pulse.objects()).list({ ...kind, namespace: 'instance-maker' })
  return items
}

test('workers by tier: HTTP and WebSockets have a port each, and the gateway finds both', async () => {
  const [backend] = (await slices()).flatMap((slice) => backendsOf(slice).ready)
  expect(backend).toMatchObject({ httpPort: 8069, websocketPort: 8072 })
  const visitor = await visit(pulse, maker.hostname)
  expect(await visitor.logIn(maker.login, maker.password)).toMatchObject({ status: 303 })
  // With workers Odoo upgrades on its second port only.
  expect(await openWebsocket(await pulse.httpPort(), maker.hostname)).toBe(101)
})
