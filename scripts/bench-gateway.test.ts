import { expect, test } from 'vitest'
import { medianRow } from './bench/gateway/median-row.ts'
import { namedPeer } from './bench/gateway/named-peer.ts'
import { percentile } from './bench/gateway/percentile.ts'
import { type Row, renderRatios, renderTable } from './bench/gateway/table.ts'
import { parseWrk } from './bench/gateway/wrk.ts'

test('a percentile is a measured value: the smallest that so many do not exceed', () => {
  const values = Array.from({ length: 100 }, (_, at) => 100 - at)
  expect(percentile(values, 0.5)).toBe(50)
  expect(percentile(values, 0.99)).toBe(99)
  expect(percentile(values, 1)).toBe(100)
  expect(percentile([3], 0.01)).toBe(3)
  expect(percentile([], 0.5)).toBeNaN()
})

const row = (requestsPerSecond: number, more: Partial<Row> = {}): Row => ({
  peer: 'pulse',
  version: '1',
  loads: { '1k-32': { requestsPerSecond, cpuMicrosPerRequest: 41.6, errors: 0 } },
  latency: { p50: 0.4, p99: 1.2 },
  rssMiB: 130,
  ...more,
})

test('several rounds become their median, each figure by itself, and no error is lost', () => {
  const broken = { requestsPerSecond: 1, errors: 3 }
  const rounds = [row(3000), row(1000), row(2000, { loads: { '1k-32': broken } }), row(4000)]
  expect(medianRow(rounds)).toMatchObject({
    loads: { '1k-32': { requestsPerSecond: 1000, cpuMicrosPerRequest: 41.6, errors: 3 } },
    rssMiB: 130,
  })
})

test('latency is told as what is added to none between, and what is not measured as a dash', () => {
  const direct = row(90_000, { peer: 'direct', version: '', latency: { p50: 0.25, p99: 0.5 } })
  const [head, , first, second, third] = renderTable([
    direct,
    row(12_345),
    { peer: 'caddy', version: '', loads: {}, note: 'not installed' },
  ]).split('\n')
  expect(head).toContain('| added p50 / p99 ms |')
  expect(first).toContain('| 0.25 / 0.50 in all |')
  expect(second).toBe('| pulse 1 | 12,345 (42) | – | – | – | 0.15 / 0.70 | 130 |  |')
  expect(third).toBe('| caddy | – | – | – | – | – | – | not installed |')
})

test('what a request costs here is told as a multiple of what it costs others, where both were measured', () => {
  const nginx = row(70_000, {
    peer: 'nginx',
    loads: { '1k-32': { requestsPerSecond: 70_000, cpuMicrosPerRequest: 10.4, errors: 0 } },
  })
  expect(renderRatios([row(20_000), nginx], ['nginx', 'haproxy'])).toBe(
    'CPU time per request, pulse beside nginx: 4.0 × (1k-32).',
  )
})

test('what wrk says is read, its errors of all kinds added up', () => {
  const text = `  47867 requests in 6.05s, 53.64MB read
  Socket errors: connect 0, read 1, write 2, timeout 3
  Non-2xx or 3xx responses: 4
Requests/sec:   7918.18`
  expect(parseWrk(text)).toEqual({ requests: 47867, requestsPerSecond: 7918.18, errors: 10 })
})

test('a peer is asked where its URL says', async () => {
  for (const [url, port] of [
    ['http://127.0.0.1:8080', 8080],
    ['http://localhost:81/', 81],
    ['http://127.0.0.1', 80],
  ] as const) {
    const peer = namedPeer(`other=${url}`)
    expect(peer).toMatchObject({ name: 'other', version: url })
    expect(await peer.start(1, '')).toEqual({ port })
  }
})

test.each([
  'other=http://10.0.0.5:8080',
  'other=http://[::1]:8080',
  'other=https://127.0.0.1:8443',
  'other=http://127.0.0.1:8080/path',
  'other=',
  '8080',
])('a peer that would not be asked where its URL says is refused: %s', (argument) => {
  expect(() => namedPeer(argument)).toThrow(`--peer NAME=http://127.0.0.1:PORT, not ${argument}`)
})
