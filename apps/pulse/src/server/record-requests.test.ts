import { createMetrics } from '@pulse/service'
import { expect, test } from 'vitest'
import { silent } from '../silent-log.suite.ts'
import { metricDefinitions } from './metrics.ts'
import { recordRequests } from './record-requests.ts'

test('a refusal is counted as what it is, also where its client gets a fault with status 200', async () => {
  const metrics = await createMetrics(metricDefinitions)
  const record = recordRequests(metrics, silent)
  const call = {
    environment: 'acme-prod',
    class: 'xml-rpc',
    handled: 'held',
    status: 200,
    durationMs: 3,
    raced: false,
  } as const
  record({ ...call, problem: 'too-many-waiting' })
  record({ ...call, problem: undefined })
  const text = await metrics.text()
  const counted = (problem: string) =>
    `pulse_gateway_requests_total{class="xml-rpc",code="200",handled="held",problem="${problem}"} 1\n`
  expect(text).toContain(counted('too-many-waiting'))
  expect(text).toContain(counted('none'))
})

test('what the gateway says of one who sleeps is told from what Odoo says', async () => {
  const metrics = await createMetrics(metricDefinitions)
  const record = recordRequests(metrics, silent)
  const page = { environment: 'acme-prod', class: 'page', status: 503, problem: undefined } as const
  for (const handled of ['asleep', 'forwarded'] as const) {
    record({ ...page, handled, durationMs: 3, raced: false })
  }
  const text = await metrics.text()
  const labels = (handled: string) => `class="page",code="503",handled="${handled}",problem="none"`
  expect(text).toContain(`pulse_gateway_requests_total{${labels('asleep')}} 1\n`)
  expect(text).toContain(`pulse_gateway_requests_total{${labels('forwarded')}} 1\n`)
})

test('whatever codes a tenant answers, those that nobody knows are counted together', async () => {
  const metrics = await createMetrics(metricDefinitions)
  const record = recordRequests(metrics, silent)
  const answered = { environment: 'acme-prod', class: 'page', handled: 'forwarded' } as const
  for (const status of [404, 499, 432, 433, 599]) {
    record({ ...answered, status, durationMs: 3, raced: false, problem: undefined })
  }
  const codes = [
    ...(await metrics.text()).matchAll(/requests_total\{class="page",code="(\w+)".* (\d)/g),
  ]
  expect(codes.map(([, code, count]) => [code, count])).toEqual([
    ['404', '1'],
    ['499', '1'],
    ['4xx', '2'],
    ['5xx', '1'],
  ])
})
