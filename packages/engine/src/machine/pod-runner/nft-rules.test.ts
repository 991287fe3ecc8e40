import { expect, test } from 'vitest'
import { loopbackOf } from '../loopback.ts'
import { makeNftRemoval, makeNftRules } from './nft-rules.ts'

const loopback = loopbackOf(64)
const postgres = { addresses: ['127.64.0.2'], port: 5432 }

test('a tenant reaches PostgreSQL, itself and the outside, and nothing else on this machine', () => {
  const rules = makeNftRules({
    loopback,
    tenants: [
      { user: 20002, address: '127.64.1.2' },
      { user: 20001, address: '127.64.1.1' },
      { user: 20001, address: '127.64.1.3' },
    ],
    postgres,
    resolvers: ['127.0.0.53'],
  })
  expect(rules).toMatchInlineSnapshot(`
    "table inet pulse_127_64
    delete table inet pulse_127_64
    table inet pulse_127_64 {
      set users {
        typeof meta skuid
        elements = { 20001, 20002 }
      }
      set own {
        typeof meta skuid . ip daddr
        elements = { 20001 . 127.64.1.1, 20001 . 127.64.1.3, 20002 . 127.64.1.2 }
      }
      chain output {
        type filter hook output priority filter; policy accept;
        meta skuid != @users accept
        ct state established,related accept
        ip daddr 127.64.0.2 tcp dport 5432 accept
        meta skuid . ip daddr @own accept
        ip daddr 127.0.0.53 meta l4proto { tcp, udp } th dport 53 accept
        fib daddr type local reject
        ip daddr 127.0.0.0/8 reject
        ip6 daddr ::1 reject
      }
    }
    "
  `)
})

test('without tenants the sets are empty and the table stays valid', () => {
  expect(makeNftRules({ loopback, tenants: [], postgres, resolvers: [] })).not.toContain('elements')
})

test('PostgreSQL is reached where it listens, be it another port, another address or IPv6', () => {
  const rules = makeNftRules({
    loopback,
    tenants: [],
    postgres: { addresses: ['127.0.0.1', '::1'], port: 5433 },
    resolvers: [],
  })
  const accepted = rules.split('\n').filter((line) => line.includes('dport'))
  expect(accepted.map((line) => line.trim())).toEqual([
    'ip daddr 127.0.0.1 tcp dport 5433 accept',
    'ip6 daddr ::1 tcp dport 5433 accept',
  ])
})

test('another state directory has another table', () => {
  expect(makeNftRemoval(loopbackOf(65))).toBe(
    'table inet pulse_127_65\ndelete table inet pulse_127_65\n',
  )
})
