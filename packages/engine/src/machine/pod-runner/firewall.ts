import { spawn } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import type { Log } from '@pulse/api'
import type { Loopback } from '../loopback.ts'
import { makeNftRemoval, makeNftRules, type Tenant } from './nft-rules.ts'

/** Keeps tenants from each other's addresses and from Pulse's own ports. */
export interface Firewall {
  /** Undefined while the rules hold; else why they do not and what helps. */
  readonly problem: string | undefined
  /** Resolves when the rules know the tenants: only then may their processes start. */
  admit(...tenants: readonly Tenant[]): Promise<void>
  dismiss(address: string): Promise<void>
  /** Takes the rules away; not called when tenants outlive us. */
  remove(): Promise<void>
}

export function noFirewall(problem: string): Firewall {
  return { problem, admit: async () => {}, dismiss: async () => {}, remove: async () => {} }
}

export interface FirewallOptions {
  readonly loopback: Loopback
  /** Where tenants connect to PostgreSQL: a name, an address, or a socket's folder, which no firewall sees. */
  readonly postgres: { readonly host: string; readonly port: number }
  readonly log: Log
}

const missing =
  'tenants reach each other on loopback: nftables is not usable here (as root: apt-get install nftables)'

/** The firewall by nftables, or one that says what is missing. */
export async function createFirewall({
  loopback,
  postgres: { host, port },
  log,
}: FirewallOptions): Promise<Firewall> {
  const tenants = new Map<string, Tenant>()
  const resolvers = localResolvers(readFileSync('/etc/resolv.conf', 'utf8'))
  const postgres = { addresses: await addressesOf(host, log), port }
  let last = Promise.resolve()
  let next: Promise<void> | undefined

  const rules = () =>
    makeNftRules({ loopback, tenants: [...tenants.values()], postgres, resolvers })

  /** One after the other: each replaces the whole table by what is true then, so all who wait share the next one. */
  function replace(): Promise<void> {
    if (next === undefined) {
      next = last.then(() => {
        next = undefined
        return nft(rules(), [])
      })
      last = next.catch((error) => log.error({ err: error }, 'firewall rules not written'))
    }
    return next
  }

  try {
    // Checked only: the rules of tenants that outlived an earlier Pulse still hold.
    await nft(rules(), ['--check'])
  } catch (error) {
    log.debug({ err: error }, 'nftables not usable')
    return noFirewall(missing)
  }
  return {
    problem: undefined,
    async admit(...more) {
      for (const tenant of more) tenants.set(tenant.address, tenant)
      if (more.length > 0) await replace()
    },
    dismiss: async (address) => {
      if (tenants.delete(address)) await replace()
    },
    remove: () => nft(makeNftRemoval(loopback), []),
  }
}

/** Whether rules could be set here; none is. */
export function isFirewallUsable(): Promise<boolean> {
  return nft('add table ip pulse_trial\n', ['--check']).then(
    () => true,
    () => false,
  )
}

/** A name that means nothing lets nobody through; its tenants say themselves that they do not find their server. */
async function addressesOf(host: string, log: Log): Promise<string[]> {
  if (host.startsWith('/')) return []
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address)
  } catch (error) {
    log.warn({ err: error, host }, 'the firewall does not find PostgreSQL')
    return []
  }
}

/** Name servers on loopback: the only way out by name for a tenant. */
export function localResolvers(resolvConf: string): string[] {
  return [...resolvConf.matchAll(/^nameserver\s+(127\.[0-9.]+)\s*$/gm)].map(
    (match) => match[1] ?? '',
  )
}

/** It lies where the PATH of a service or of `su` need not lead. */
const runNft = 'PATH="$PATH:/usr/sbin:/sbin"; exec nft "$@"'

function nft(text: string, flags: readonly string[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const child = spawn('/bin/sh', ['-c', runNft, 'sh', ...flags, '-f', '-'], {
    stdio: ['pipe', 'ignore', 'pipe'],
    timeout: 10_000,
  })
  child.once('error', reject)
  // Where no process could be made there are no pipes either.
  if (child.pid === undefined) return promise
  let complaint = ''
  child.stderr.on('data', (chunk) => {
    complaint = `${complaint}${chunk}`.slice(0, 2000)
  })
  child.once('close', (code) => {
    if (code === 0) resolve()
    else reject(new Error(`cannot set firewall rules: ${complaint.trim()}`))
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(text)
  return promise
}
