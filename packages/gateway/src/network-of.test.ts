import fc from 'fast-check'
import { expect, test } from 'vitest'
import { networkOf } from './network-of.ts'

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2::1]:8080', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:db8:0:1::', '2001:db8:0:1::/64'],
  ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
  ['2001::1:2:3:4:5:6', '2001:0:1:2::/64'],
  ['::', '0:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::1:2:3:4:5:6', '0:0:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test('whoever has no address is one client, whatever stands in its place', () => {
  expect(['', 'unknown', '_hidden', '999.1.1.1', 'acme.localhost'].map(networkOf)).toEqual(
    Array.from({ length: 5 }, () => 'unknown'),
  )
})

test('two addresses count as one exactly when their first four groups are equal', () => {
  // Zeros often: it is they that are written in many ways.
  const group = fc.oneof(fc.constant(0), fc.nat({ max: 0xffff }))
  const groups = fc.array(group, { minLength: 8, maxLength: 8 })
  const halves = fc.record({ one: groups, tail: groups, other: groups, isSame: fc.boolean() })
  fc.assert(
    fc.property(halves, ({ one, tail, other, isSame }) => {
      const second = [...(isSame ? one : other).slice(0, 4), ...tail.slice(4)]
      const [first, last] = [one, second].map((list) =>
        networkOf(list.map((part) => part.toString(16)).join(':')),
      )
      fc.pre(!isMapped(one) && !isMapped(second))
      const areEqual = one.slice(0, 4).join() === second.slice(0, 4).join()
      expect(first === last).toBe(areEqual)
    }),
  )
})

/** IPv4 within IPv6, which counts as IPv4. */
function isMapped(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every((part) => part === 0) && groups[5] === 0xffff
}
