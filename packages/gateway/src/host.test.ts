import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseHost } from './host.ts'
import { strangeHosts } from './strange-bytes.suite.ts'

test('any bytes are a plain name or none, and never an error', () => {
  fc.assert(
    fc.property(strangeHosts, (header) => {
      const host = parseHost(header)
      if (host === undefined) return
      expect(host.name).toMatch(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/)
      expect(host.name).not.toContain('..')
      expect(host.port).toMatch(/^(:\d{1,5})?$/)
      // Nothing of the header is left out but its case and the dot at the end.
      expect([`${host.name}${host.port}`, `${host.name}.${host.port}`]).toContain(
        header.toLowerCase(),
      )
    }),
    { numRuns: 2000 },
  )
})

test('a name is read as itself', () => {
  fc.assert(
    fc.property(strangeHosts, (header) => {
      const name = parseHost(header)?.name
      if (name !== undefined) expect(parseHost(name)).toEqual({ name, port: '' })
    }),
    { numRuns: 1000 },
  )
})

test('the longest name there may be is read quickly, and a longer one not at all', () => {
  const label = 'a'.repeat(63)
  const longest = [label, label, label, label.slice(2)].join('.')
  expect(longest).toHaveLength(253)
  expect(parseHost(longest)?.name).toBe(longest)
  expect(parseHost(`${longest}a`)).toBeUndefined()
  expect(parseHost(`${'a-'.repeat(10_000)}!`)).toBeUndefined()
})
