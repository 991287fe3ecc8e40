import { recordOf } from '@pulse/api'
import { expect, test } from 'vitest'
import { makeRouteToGateway, makeRouteToWorkers } from './make-http-route.ts'
import { machine } from './scenario.suite.ts'

const route = {
  name: 'odoo',
  namespace: 'instance-acme',
  labels: {},
  canonicalHost: 'acme.example.com',
  hostnames: ['acme.example.com'],
  parameters: machine,
}

test.each([
  ['the gateway', makeRouteToGateway(route)],
  ['workers', makeRouteToWorkers({ ...route, service: 'odoo', hasLongpolling: true })],
])('no proxy cuts off a request that waits for a wake on its way to %s', (_, { spec }) => {
  const rules = [recordOf(spec).rules].flat()
  expect(rules.length).toBeGreaterThan(0)
  for (const rule of rules) expect(recordOf(rule).timeouts).toEqual({ request: '0s' })
})
