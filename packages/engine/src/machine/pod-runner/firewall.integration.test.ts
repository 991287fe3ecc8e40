import { spawnSync } from 'node:child_process'
import { createServer, type Server } from 'node:net'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { loopbackOf } from '../loopback.ts'
import { createFirewall, isFirewallUsable, localResolvers } from './firewall.ts'
import { detectIsolation } from './isolation.ts'

const loopback = loopbackOf(208)
const tenant = { user: 30_081, address: '127.208.1.1' }
const other = { user: 30_082, address: '127.208.1.2' }
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

test('a tenant reaches PostgreSQL and itself alone; a machine without nftables says what to install', async () => {
  const problems: object[] = []
  const log = {
    debug() {},
    info() {},
    warn() {},
    error: (facts: object) => void problems.push(facts),
    child: () => log,
  }
  const postgres = await listen('127.0.0.1')
  const firewall = await createFirewall({ loopback, postgres, log })
  const { ownUsers } = await detectIsolation()
  if (firewall.problem !== undefined || !ownUsers) {
    expect(firewall.problem ?? 'nftables').toContain('nftables')
    return
  }
  try {
    await firewall.admit(tenant, other)
    const own = await listen(tenant.address)
    const foreign = await listen(other.address)
    const pulse = await listen('127.0.0.1')
    const places = [own, postgres, foreign, pulse]
    expect(places.map(reachedByTenant)).toEqual([true, true, false, false])
    await firewall.dismiss(tenant.address)
    expect(reachedByTenant(foreign)).toBe(true)
    expect(problems).toEqual([])
  } finally {
    await firewall.remove()
  }
})

test('nftables are found where the PATH does not lead', async () => {
  const found = await isFirewallUsable()
  vi.stubEnv('PATH', '/usr/bin:/bin')
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(await isFirewallUsable()).toBe(found)
})

test('only name servers on loopback need a way through', () => {
  expect(
    localResolvers('nameserver 127.0.0.53\nnameserver 9.9.9.9\n# nameserver 127.0.0.1\n'),
  ).toEqual(['127.0.0.53'])
})

interface Place {
  readonly host: string
  readonly port: number
}

async function listen(host: string): Promise<Place> {
  const server = createServer((socket) => socket.on('error', () => {}).end())
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const address = server.address()
  return { host, port: typeof address === 'object' && address ? address.port : 0 }
}

/** Tried by a process of the tenant's own user; the listener's queue answers while we wait for it. */
function reachedByTenant({ host, port }: Place): boolean {
  const program = `require('net').connect(${port}, '${host}').on('connect', () => process.exit(0)).on('error', () => process.exit(1))`
  const { user } = tenant
  const args = [
    '--reuid',
    `${user}`,
    '--regid',
    `${user}`,
    '--clear-groups',
    process.execPath,
    '-e',
    program,
  ]
  return spawnSync('setpriv', args, { cwd: '/', timeout: 10_000, env: {} }).status === 0
}
