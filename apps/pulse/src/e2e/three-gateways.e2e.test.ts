import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { createVisitor } from '@pulse/testing'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { leaseKind, readLease } from '../leases/lease.ts'
import { gatewayNamespace } from '../server/parameters.ts'
import { type FurtherGateway, startFurtherGateway } from './further-gateway.suite.ts'
import { watchSleeps } from './sleep-watch.suite.ts'
import { patience, type SleepingTenant, startSleepingTenant } from './sleeping-tenant.suite.ts'
import { clientRef, createTenant, query } from './tenant.suite.ts'

const testMs = 300_000
/** Longer than a busy machine keeps a process waiting that is to renew it. */
const leaseSeconds = 5

interface GatewayProcess {
  readonly port: number
  /** Undefined for that of Pulse itself. */
  readonly child: FurtherGateway['child'] | undefined
}

let acme: SleepingTenant
const others: FurtherGateway[] = []

beforeAll(async () => {
  acme = await startSleepingTenant({ env: { PLANA_GATEWAY_LEASE_SECONDS: String(leaseSeconds) } })
  await acme.setSpec({ sleep: { idleTimeout: '1s' } })
  return acme.pulse.cleanUp
}, testMs)

afterEach(() => {
  for (const { child } of others.splice(0)) child?.kill('SIGKILL')
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

/** What came of all requests. */
interface Outcome {
  readonly served: string[]
  /** Neither the page nor a connection that ended with the process at its other end. */
  readonly lost: string[]
  /** Pages that are another tenant's, or nobody's. */
  readonly foreign: string[]
  readonly killed: Set<GatewayProcess>
  /** Ended with a gateway that was killed. */
  readonly cut: string[]
}

/** Whose page it is: each database has a company of its own. */
const companyOf = (hostname: string) => `Company of ${hostname}`

/** One page of this tenant by way of this gateway. */
async function ask(gateway: GatewayProcess, hostname: string, outcome: Outcome) {
  try {
    const { status, text } = await createVisitor(gateway.port, hostname).get('/web/login')
    if (status !== 200) outcome.lost.push(`${hostname} ${status}`)
    else if (!text.includes(companyOf(hostname))) outcome.foreign.push(`${hostname} ${text}`)
    else outcome.served.push(hostname)
  } catch (error) {
    if (outcome.killed.has(gateway)) outcome.cut.push(hostname)
    else outcome.lost.push(`${hostname} ${error}`)
  }
}

/** All ask at about the same time, and pause for about as long as a tenant needs to fall asleep. */
async function keepAsking(
  gateways: readonly GatewayProcess[],
  hostnames: readonly string[],
  { outcome, signal }: { readonly outcome: Outcome; readonly signal: AbortSignal },
) {
  const rounds: Promise<void>[] = []
  while (!signal.aborted) {
    for (const gateway of [...gateways]) {
      for (const hostname of hostnames) {
        rounds.push(delay(Math.random() * 300).then(() => ask(gateway, hostname, outcome)))
      }
    }
    await delay(900 + Math.random() * 1_500)
  }
  await Promise.all(rounds)
}

/** Never more than one process that is not on its way out; asked until the signal. */
async function largestCrowd(signal: AbortSignal): Promise<number> {
  let largest = 0
  while (!signal.aborted) {
    const living = (await acme.pods()).filter(({ metadata }) => !metadata.deletionTimestamp)
    largest = Math.max(largest, living.length)
    await delay(100)
  }
  return largest
}

async function nameCompany(hostname: string) {
  const text = 'UPDATE res_company SET name = $1'
  await query(acme.pulse, text, [companyOf(hostname)], hostname)
}

async function leases(): Promise<ReadonlyMap<string, string | undefined>> {
  const { items } = await acme.objects.list({ ...leaseKind, namespace: gatewayNamespace })
  return new Map(items.map((lease) => [lease.metadata.name, readLease(lease).renewTime]))
}

function mustFind(names: Iterable<string>, pid: number | undefined): string {
  const name = [...names].find((one) => one.includes(`-${pid}-`))
  if (name === undefined) throw new Error(`no gateway of process ${pid}`)
  return name
}

const stateOf = async (pid: number | undefined) =>
  /\) (\w) /.exec(await readFile(`/proc/${pid}/stat`, 'utf8'))?.[1]

test(
  'three gateways put a tenant to sleep and wake it around its visitors, and lose none',
  async () => {
    const beta = await createTenant(acme.pulse, 'beta', '--tier', 'pro', '--hosting', 'instance')
    await acme.objects.patch(
      clientRef('beta'),
      { type: 'merge', patch: { spec: { sleep: { idleTimeout: '1s' } } } },
      { fieldManager: 'test' },
    )
    const hostnames = [acme.hostname, beta.hostname]
    for (const hostname of hostnames) await nameCompany(hostname)
    // A process remembers the name that it has seen first.
    await acme.asleep()
    const ofBeta = { apiVersion: 'v1', kind: 'Pod', namespace: 'instance-beta' }
    const isAsleep = async () => (await acme.objects.list(ofBeta)).items.length === 0
    await expect.poll(isAsleep, patience).toBe(true)

    const [own, second, third] = [
      { port: await acme.pulse.httpPort(), child: undefined },
      await startGateway(),
      await startGateway(),
    ]
    const gateways: GatewayProcess[] = [own, second, third]
    const end = new AbortController()
    const namespaces = ['instance-acme', 'instance-beta']
    const { sleeps, living, ended } = watchSleeps(acme.objects, namespaces, end.signal)
    const nameOf = async ({ child }: GatewayProcess) =>
      mustFind((await leases()).keys(), child?.pid ?? acme.pulse.pid)
    const names = await Promise.all(gateways.map(nameOf))
    for (const name of names) living.add(name)
    const moreSleeps = async (count: number) => {
      const before = sleeps.length
      await expect.poll(() => sleeps.length, patience).toBeGreaterThanOrEqual(before + count)
    }
    /** Until a sleep from now on needs the word of each of these. */
    const witnessedBy = async (...witnesses: string[]) => {
      const before = sleeps.length
      const isNeeded = (name: string) =>
        sleeps.slice(before).some((sleep) => sleep.witnesses.includes(name))
      await expect.poll(() => witnesses.filter(isNeeded), patience).toEqual(witnesses)
    }
    const outcome: Outcome = {
      ...{ served: [], lost: [], foreign: [], cut: [] },
      killed: new Set(),
    }
    const asking = keepAsking(gateways, hostnames, { outcome, signal: end.signal })
    const crowd = largestCrowd(end.signal)
    await moreSleeps(3)
    await witnessedBy(...names)

    // Its requests wait; the others go on without its word once its lease is over.
    const stopped = await nameOf(third)
    living.delete(stopped)
    third.child?.kill('SIGSTOP')
    await expect.poll(() => stateOf(third.child?.pid)).toBe('T')
    await moreSleeps(2)
    const renewed = (await leases()).get(stopped)
    third.child?.kill('SIGCONT')
    await expect.poll(async () => (await leases()).get(stopped), patience).not.toBe(renewed)
    living.add(stopped)
    await witnessedBy(stopped)

    // One dies with what it has in its hands; another takes its place later.
    living.delete(await nameOf(second))
    outcome.killed.add(second)
    gateways.splice(gateways.indexOf(second), 1)
    second.child?.kill('SIGKILL')
    await expect.poll(() => second.child?.signalCode).toBe('SIGKILL')
    await moreSleeps(2)
    const fourth = await startGateway()
    gateways.push(fourth)
    const newest = await nameOf(fourth)
    living.add(newest)
    await witnessedBy(newest)

    end.abort()
    await asking
    await ended
    expect(await crowd).toBe(1)
    expect([outcome.lost, outcome.foreign]).toEqual([[], []])
    for (const hostname of hostnames) expect(outcome.served).toContain(hostname)
    // Asked by way of one gateway, and no more than once for each tenant in a round.
    expect(outcome.cut.length).toBeLessThan(outcome.served.length / 3)
    expect(sleeps.length).toBeGreaterThanOrEqual(11)
    expect(sleeps.filter(({ unheard }) => unheard.length > 0)).toEqual([])
  },
  testMs,
)

test(
  'a gateway that is killed is waited for no longer than its lease',
  async () => {
    const [own, { port, child }] = [await acme.pulse.httpPort(), await startGateway()]
    expect(await page(port)).toBe(200)
    child?.kill('SIGKILL')
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
    child?.kill('SIGSTOP')
    // Sent while it stands still: it believes the tenant awake when it goes on.
    const late = Promise.all([page(port), page(port)])
    await acme.asleep()
    child?.kill('SIGCONT')
    expect(await late).toEqual([200, 200])
    expect(await page(own)).toBe(200)
    const living = (await acme.pods()).filter(({ metadata }) => !metadata.deletionTimestamp)
    expect(living).toHaveLength(1)
  },
  testMs,
)
