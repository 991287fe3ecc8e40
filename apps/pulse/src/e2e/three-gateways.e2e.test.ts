import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { apiVersion, type KubeObject } from '@pulse/api'
import type { ObjectsClient } from '@pulse/engine'
import { createVisitor } from '@pulse/testing'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type PulseUnderTest, startPulse } from './pulse-under-test.suite.ts'
import { createTenant, type Tenant } from './tenant.suite.ts'

const testMs = 300_000
const leaseSeconds = 2
/** A busy machine takes its time to start a process, or to end one. */
const patience = { timeout: 120_000, interval: 50 }

interface GatewayProcess {
  readonly port: number
  readonly child: ChildProcess
}

let pulse: PulseUnderTest
let objects: ObjectsClient
let acme: Tenant
const others: GatewayProcess[] = []

beforeAll(async () => {
  pulse = await startPulse({
    env: {
      PLANA_GATEWAY_SLEEP_GRACE_SECONDS: '0.1',
      PLANA_GATEWAY_LEASE_SECONDS: String(leaseSeconds),
    },
  })
  acme = await createTenant(pulse, 'acme', '--tier', 'pro', '--hosting', 'instance')
  objects = await pulse.objects()
  const patch = { spec: { sleep: { idleTimeout: '1s' } } }
  await objects.patch(
    { apiVersion, kind: 'PLANAClient', name: 'acme' },
    { type: 'merge', patch },
    { fieldManager: 'test' },
  )
  return pulse.cleanUp
}, testMs)

afterEach(() => {
  for (const { child } of others.splice(0)) child.kill('SIGKILL')
})

async function startGateway(): Promise<GatewayProcess> {
  const module = join(import.meta.dirname, 'gateway-process.suite.ts')
  const child = spawn(process.execPath, [module, pulse.stateDir, String(leaseSeconds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout, 'data')
  const gateway = { port: JSON.parse(String(line)).port, child }
  others.push(gateway)
  return gateway
}

async function pods(): Promise<readonly KubeObject[]> {
  const { items } = await objects.list({
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'instance-acme',
  })
  return items.filter(({ metadata }) => metadata.name.startsWith('odoo-acme'))
}

const asleep = () => vi.waitFor(async () => expect(await pods()).toEqual([]), patience)

/** One page through this gateway: its status. */
async function page(port: number): Promise<number> {
  const visitor = createVisitor(port, acme.hostname)
  return (await visitor.get('/web/login')).status
}

/** Asks now and then, at the rhythm at which the tenant falls asleep, until the signal; what came of each. */
async function keepAsking(port: number, signal: AbortSignal): Promise<readonly number[]> {
  const answers: number[] = []
  while (!signal.aborted) {
    answers.push(await page(port))
    await delay(900 + Math.random() * 600)
  }
  return answers
}

test(
  'three gateways put a tenant to sleep and wake it around its visitors, and lose none',
  async () => {
    const ports = [await pulse.httpPort(), (await startGateway()).port, (await startGateway()).port]
    const end = new AbortController()
    const asking = ports.map((port) => keepAsking(port, end.signal))
    // Seen from the store: never more than one process that is not on its way out.
    const crowd: number[] = []
    for (let look = 0; look < 200; look += 1) {
      const living = (await pods()).filter(({ metadata }) => !metadata.deletionTimestamp)
      crowd.push(living.length)
      await delay(100)
    }
    end.abort()
    const answers = (await Promise.all(asking)).flat()
    expect(Math.max(...crowd)).toBe(1)
    expect(answers.length).toBeGreaterThan(10)
    expect(answers.filter((status) => status !== 200)).toEqual([])
  },
  testMs,
)

test(
  'a gateway that is killed is waited for no longer than its lease',
  async () => {
    const [own, { port, child }] = [await pulse.httpPort(), await startGateway()]
    expect(await page(port)).toBe(200)
    child.kill('SIGKILL')
    await asleep()
    expect(await page(own)).toBe(200)
  },
  testMs,
)

test(
  'a gateway that stood still while the others let the tenant sleep wakes it like any other',
  async () => {
    const [own, { port, child }] = [await pulse.httpPort(), await startGateway()]
    expect(await page(port)).toBe(200)
    child.kill('SIGSTOP')
    // Sent while it stands still: it believes the tenant awake when it goes on.
    const late = Promise.all([page(port), page(port)])
    await asleep()
    child.kill('SIGCONT')
    expect(await late).toEqual([200, 200])
    expect(await page(own)).toBe(200)
    const living = (await pods()).filter(({ metadata }) => !metadata.deletionTimestamp)
    expect(living).toHaveLength(1)
  },
  testMs,
)
