import { setTimeout as delay } from 'node:timers/promises'
import { createVisitor } from '@pulse/testing'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { type FurtherGateway, startFurtherGateway } from './further-gateway.suite.ts'
import { type SleepingTenant, startSleepingTenant } from './sleeping-tenant.suite.ts'

const testMs = 300_000
const leaseSeconds = 2

let acme: SleepingTenant
const others: FurtherGateway[] = []

beforeAll(async () => {
  acme = await startSleepingTenant({ env: { PLANA_GATEWAY_LEASE_SECONDS: String(leaseSeconds) } })
  await acme.setSpec({ sleep: { idleTimeout: '1s' } })
  return acme.pulse.cleanUp
}, testMs)

afterEach(() => {
  for (const { child } of others.splice(0)) child.kill('SIGKILL')
})

async function startGateway(): Promise<FurtherGateway> {
  const gateway = await startFurtherGateway(acme.pulse, { leaseSeconds })
  others.push(gateway)
  return gateway
}

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
    const ports = [
      await acme.pulse.httpPort(),
      (await startGateway()).port,
      (await startGateway()).port,
    ]
    const end = new AbortController()
    const asking = ports.map((port) => keepAsking(port, end.signal))
    // Seen from the store: never more than one process that is not on its way out.
    const crowd: number[] = []
    for (let look = 0; look < 200; look += 1) {
      const living = (await acme.pods()).filter(({ metadata }) => !metadata.deletionTimestamp)
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
    const [own, { port, child }] = [await acme.pulse.httpPort(), await startGateway()]
    expect(await page(port)).toBe(200)
    child.kill('SIGKILL')
    await acme.asleep()
    expect(await page(own)).toBe(200)
  },
  testMs,
)

test(
  'a gateway that stood still while the others let the tenant sleep wakes it like any other',
  async () => {
    const [own, { port, child }] = [await acme.pulse.httpPort(), await startGateway()]
    expect(await page(port)).toBe(200)
    child.kill('SIGSTOP')
    // Sent while it stands still: it believes the tenant awake when it goes on.
    const late = Promise.all([page(port), page(port)])
    await acme.asleep()
    child.kill('SIGCONT')
    expect(await late).toEqual([200, 200])
    expect(await page(own)).toBe(200)
    const living = (await acme.pods()).filter(({ metadata }) => !metadata.deletionTimestamp)
    expect(living).toHaveLength(1)
  },
  testMs,
)
