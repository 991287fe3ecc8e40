import { isIPv6 } from 'node:net'
import type { Loopback } from '../loopback.ts'

/** One pod that the rules know: its user and its address. */
export interface Tenant {
  readonly user: number
  readonly address: string
}

export interface NftInput {
  readonly loopback: Loopback
  readonly tenants: readonly Tenant[]
  /** Where tenants reach PostgreSQL; a server of somebody else may listen on any address of this machine. */
  readonly postgres: { readonly addresses: readonly string[]; readonly port: number }
  /** Name servers on this machine's own addresses (a stub such as 127.0.0.53), which tenants need to reach the outside. */
  readonly resolvers: readonly string[]
}

/** The name of our own table; one per state directory, so that two installations never touch each other's rules. */
export function tableName({ prefix }: Loopback): string {
  return `pulse_${prefix.replace('.', '_')}`
}

/**
 * The whole table, replaced in one transaction. A tenant's user reaches PostgreSQL, its own pods' addresses and the
 * world outside; nothing else on this machine. Answers to whoever called it pass as established. Other users are not
 * touched.
 */
export function makeNftRules({ loopback, tenants, postgres, resolvers }: NftInput): string {
  const name = tableName(loopback)
  const users = [...new Set(tenants.map(({ user }) => user))].toSorted((one, other) => one - other)
  const own = tenants.map(({ user, address }) => `${user} . ${address}`).toSorted()
  return [
    `table inet ${name}`,
    `delete table inet ${name}`,
    `table inet ${name} {`,
    '  set users {',
    '    typeof meta skuid',
    ...elements(users.map(String)),
    '  }',
    '  set own {',
    '    typeof meta skuid . ip daddr',
    ...elements(own),
    '  }',
    '  chain output {',
    '    type filter hook output priority filter; policy accept;',
    '    meta skuid != @users accept',
    '    ct state established,related accept',
    ...postgres.addresses.map((address) => `    ${to(address)} tcp dport ${postgres.port} accept`),
    '    meta skuid . ip daddr @own accept',
    ...resolvers.map(
      (address) => `    ip daddr ${address} meta l4proto { tcp, udp } th dport 53 accept`,
    ),
    '    fib daddr type local reject',
    '    ip daddr 127.0.0.0/8 reject',
    '    ip6 daddr ::1 reject',
    '  }',
    '}',
    '',
  ].join('\n')
}

/** Takes our table away. */
export function makeNftRemoval(loopback: Loopback): string {
  const name = tableName(loopback)
  return `table inet ${name}\ndelete table inet ${name}\n`
}

function to(address: string): string {
  return `${isIPv6(address) ? 'ip6' : 'ip'} daddr ${address}`
}

function elements(items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`    elements = { ${items.join(', ')} }`]
}
