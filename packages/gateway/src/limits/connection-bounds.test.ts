import { expect, test } from 'vitest'
import { createConnectionBounds } from './connection-bounds.ts'

const limits = { connectionsMax: 4, connectionsPerAddressMax: 2, sharedAddresses: ['10.0.0.0/8'] }

test('an address has its share, and gets a place again when one of its connections ends', () => {
  const bounds = createConnectionBounds(limits)
  const release = bounds.admit('192.0.2.1')
  expect(bounds.admit('::ffff:192.0.2.1')).toBeDefined()
  expect(bounds.admit('192.0.2.1')).toBeUndefined()
  expect(bounds.admit('192.0.2.2')).toBeDefined()
  release?.()
  expect(bounds.admit('192.0.2.1')).toBeDefined()
})

test('the addresses of one IPv6 line count as one', () => {
  const bounds = createConnectionBounds(limits)
  expect(bounds.admit('2001:db8:0:1::1')).toBeDefined()
  expect(bounds.admit('2001:db8:0:1:ffff::2')).toBeDefined()
  expect(bounds.admit('2001:db8:0:1:2:3:4:5')).toBeUndefined()
  expect(bounds.admit('2001:db8:0:2::1')).toBeDefined()
})

test('an address of many clients may have more than its share, but nobody more than all', () => {
  const bounds = createConnectionBounds(limits)
  for (let at = 0; at < 4; at += 1) expect(bounds.admit('10.1.2.3')).toBeDefined()
  expect(bounds.admit('10.1.2.3')).toBeUndefined()
  expect(bounds.admit('192.0.2.1')).toBeUndefined()
})
