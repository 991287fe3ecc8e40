import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAddress, parseAddressRanges } from './address-ranges.ts'
import { createClientReader } from './client-address.ts'
import { anyBytes } from './strange-bytes.suite.ts'

const read = createClientReader(['10.0.0.0/8', '2001:db8:aaaa::/48', '127.0.0.1'])

function addressOf(peer: string | undefined, forwardedFor?: string) {
  return read(
    {
      host: 'acme.localhost',
      ...(forwardedFor !== undefined && { 'x-forwarded-for': forwardedFor }),
    },
    { remoteAddress: peer, encrypted: false },
  ).address
}

describe('the address of a client', () => {
  test.each([
    ['is its socket’s, whatever a stranger says', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['is what a trusted proxy says', '10.0.0.1', '198.51.100.1', '198.51.100.1'],
    [
      'is the rightmost that is no proxy',
      '10.0.0.1',
      '1.1.1.1, 198.51.100.1, 10.9.9.9',
      '198.51.100.1',
    ],
    [
      'is known behind a proxy on IPv4 within IPv6',
      '::ffff:10.0.0.1',
      '198.51.100.1',
      '198.51.100.1',
    ],
    ['is one spelling of IPv4 within IPv6', '10.0.0.1', '::ffff:c633:6401', '198.51.100.1'],
    ['loses its port', '10.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
    ['loses port and brackets', '10.0.0.1', '[2001:DB8::0:1]:4711', '2001:db8::1'],
    ['is behind a proxy on IPv6', '2001:db8:aaaa::5', '2001:db8:bbbb::7', '2001:db8:bbbb::7'],
    ['is the proxy’s own if it says nothing', '10.0.0.1', undefined, '10.0.0.1'],
    ['is the leftmost if all are proxies', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['is not what stands left of garbage', '10.0.0.1', '1.1.1.1, unknown, 10.0.0.2', '10.0.0.2'],
    ['is the peer’s where garbage stands alone', '10.0.0.1', '1.1.1.1, _hidden', '10.0.0.1'],
    ['is none of a longer text', '10.0.0.1', '1.1.1.1 evil', '10.0.0.1'],
    ['is “unknown” once the socket has none', undefined, '1.1.1.1', 'unknown'],
    ['skips empty parts', '10.0.0.1', ' , 198.51.100.1 ,, ', '198.51.100.1'],
  ])('%s', (_promise, peer, forwardedFor, address) => {
    expect(addressOf(peer, forwardedFor)).toBe(address)
  })

  test('is an address or the peer’s, for any bytes', () => {
    fc.assert(
      fc.property(anyBytes, (text) => {
        const address = addressOf('10.0.0.1', text)
        expect(parseAddress(address)).toBe(address)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('scheme and host', () => {
  const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'erp.acme.bg' }

  test('are the socket’s from a stranger', () => {
    const client = read(
      { host: 'acme.localhost', ...forwarded },
      { remoteAddress: '203.0.113.9', encrypted: false },
    )
    expect(client).toEqual({ address: '203.0.113.9', scheme: 'http', host: 'acme.localhost' })
  })

  test('are what the trusted proxy says', () => {
    const client = read(
      { host: 'gateway.internal', ...forwarded, 'x-forwarded-for': '198.51.100.1' },
      { remoteAddress: '10.0.0.1', encrypted: false },
    )
    expect(client).toEqual({ address: '198.51.100.1', scheme: 'https', host: 'erp.acme.bg' })
  })

  test('are those of the outermost proxy where each appends its own, not what the client invents', () => {
    const client = read(
      {
        host: 'gateway.internal',
        'x-forwarded-for': '1.1.1.1, 198.51.100.1, 10.0.0.2',
        'x-forwarded-proto': 'gopher, https, http',
        'x-forwarded-host': 'evil.example, erp.acme.bg, gateway.internal',
      },
      { remoteAddress: '10.0.0.1', encrypted: false },
    )
    expect(client).toEqual({ address: '198.51.100.1', scheme: 'https', host: 'erp.acme.bg' })
  })

  test('an unknown scheme is none', () => {
    const { scheme } = read(
      { 'x-forwarded-proto': 'javascript' },
      { remoteAddress: '10.0.0.1', encrypted: true },
    )
    expect(scheme).toBe('https')
  })
})

test('a list of proxies with a mistake is refused, with each mistake', () => {
  expect(() => parseAddressRanges(['10.0.0.0/8', 'proxy.internal', '::/129', '1.2.3.4/'])).toThrow(
    '“proxy.internal”, “::/129”, “1.2.3.4/”',
  )
})

test('a trusted range covers its addresses in both families’ spelling, and no other', () => {
  const ranges = parseAddressRanges(['192.0.2.0/25'])
  expect(['192.0.2.127', '::ffff:192.0.2.1', '::FFFF:c000:201'].map(ranges.has)).toEqual([
    true,
    true,
    true,
  ])
  expect(['192.0.2.128', '::192.0.2.1', '', 'x', '192.0.2.1.'].map(ranges.has)).toEqual(
    Array(5).fill(false),
  )
})
