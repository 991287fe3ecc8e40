import { expect, test } from 'vitest'
import { makeHba, makeIdent, makeSettings } from './settings.ts'

test('nobody is believed without proof', () => {
  const methods = makeHba()
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/))
  expect(methods.flat()).not.toContain('trust')
  expect(methods.flat()).not.toContain('password')
  expect(
    methods.map((fields) => fields.find((field) => /^(peer|reject|scram-sha-256)$/.test(field))),
  ).toEqual(['peer', 'reject', 'scram-sha-256'])
})

test('the same user is mapped once', () => {
  expect(makeIdent(['root', 'root'])).toBe('pulse "root" pulse\n')
})

test('memory follows the machine within bounds, and paths are quoted', () => {
  const address = { socketFolder: "/it's", listenAddress: '127.70.0.2', port: 5432 }
  expect(makeSettings(address, 512 * 2 ** 20)).toContain('shared_buffers = 64MB')
  expect(makeSettings(address, 256 * 2 ** 30)).toContain('shared_buffers = 2048MB')
  expect(makeSettings(address, 2 ** 30)).toContain('max_connections = 400')
  expect(makeSettings(address, 24 * 2 ** 30)).toContain('max_connections = 1536')
  expect(makeSettings(address, 2 ** 30)).toContain("unix_socket_directories = '/it''s'")
})
