import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { apiVersion, askAnnotations, recordOf } from '@pulse/api'
import { lifeAnnotation } from '../../apps/pulse/src/routing/life-record.ts'
import { percentile } from './gateway/percentile.ts'
import { type Bench, isReady, until } from './pulse.ts'
import { machineCpuMs, privateMegabytesOf, workerProcessOf } from './worker-process.ts'

/** What became of requests around the sleeps of real processes. */
export interface SleepRaces {
  readonly sleeps: number
  readonly requests: number
  /** Requests by what came of them: a status, or how they broke off. */
  readonly answers: Readonly<Record<string, number>>
}

export interface WakeTimes {
  readonly tenants: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly firstMs: number
  readonly wholeMs: number
  /** Requests that got something else than their page, by what it was. */
  readonly failures: Readonly<Record<string, number>>
  /** What the whole machine spent on it, the sleeps in between left out. */
  readonly cpuMsPerWake: number
}

/** Also how fair it was, and what those that are awake then have to themselves. */
export interface ParallelWakes extends WakeTimes {
  /** The most that were answered before one that had asked earlier. */
  readonly overtakenMax: number
  readonly privateMegabytes: { readonly median: number; readonly max: number }
}

const nameOf = (index: number) => `sleeper${index}`

/** Instances with short idle times, all made and ready. */
export async function createSleepers(bench: Bench, count: number, idleTimeout: string) {
  for (let index = 0; index < count; index += 1) {
    const name = nameOf(index)
    await bench.objects.create(
      {
        apiVersion,
        kind: 'PLANAClient',
        metadata: { name },
        spec: {
          subdomain: name,
          projectId: 1,
          tier: 'pro',
          hosting: 'instance',
          ownerEmail: 'owner@example.com',
          ownerName: name,
          sleep: { idleTimeout },
        },
      },
      { fieldManager: 'bench' },
    )
    await until(`${name} is ready`, async () => {
      const object = await bench.objects.get({ apiVersion, kind: 'PLANAClient', name })
      return isReady(object) ? true : undefined
    })
  }
}

/** Visitors come at the rhythm at which each tenant falls asleep, until so many sleeps have been seen. */
export async function raceSleeps(
  bench: Bench,
  { tenants, sleeps }: { readonly tenants: number; readonly sleeps: number },
): Promise<SleepRaces> {
  await createSleepers(bench, tenants, '1s')
  const before = await generations(bench, tenants)
  const answers: Record<string, number> = {}
  let [seen, isOver] = [0, false]
  const visit = async (index: number) => {
    while (!isOver) {
      const crowd = Math.random() < 0.1 ? 5 : 1
      const all = Array.from({ length: crowd }, () => ask(bench, nameOf(index)))
      for (const { how } of await Promise.all(all)) answers[how] = (answers[how] ?? 0) + 1
      await delay(Math.random() < 0.8 ? 900 + Math.random() * 1_500 : Math.random() * 100)
    }
  }
  const visitors = Array.from({ length: tenants }, (_, index) => visit(index))
  while (seen < sleeps) {
    await delay(2_000)
    seen = (await generations(bench, tenants)) - before
    console.error(`${seen} of ${sleeps} sleeps, ${JSON.stringify(answers)}`)
  }
  isOver = true
  await Promise.all(visitors)
  const requests = Object.values(answers).reduce((sum, count) => sum + count, 0)
  return { sleeps: seen, requests, answers }
}

/** All of them asleep, and then all wanted at once: how long each waits for its first page. */
export async function wakeAtOnce(bench: Bench, tenants: number): Promise<ParallelWakes> {
  for (let index = 0; index < tenants; index += 1) await putToSleep(bench, nameOf(index))
  for (let index = 0; index < tenants; index += 1) await asleep(bench, nameOf(index))
  const cpuBefore = await machineCpuMs()
  const begun = performance.now()
  const pages = await Promise.all(
    Array.from({ length: tenants }, (_, index) => ask(bench, nameOf(index))),
  )
  const wholeMs = performance.now() - begun
  const cpuMs = (await machineCpuMs()) - cpuBefore
  const memory = await memoryOf(bench, tenants)
  const times = pages
    .flatMap(({ ms, how }) => (how === '200' ? [ms] : []))
    .toSorted((a, b) => a - b)
  return {
    tenants,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    firstMs: times[0] ?? 0,
    wholeMs,
    failures: countBy(pages.map(({ how }) => how).filter((how) => how !== '200')),
    cpuMsPerWake: cpuMs / tenants,
    overtakenMax: overtakenMax(pages.map(({ ms }) => ms)),
    privateMegabytes: { median: percentile(memory, 0.5), max: Math.max(...memory) },
  }
}

/** One after the other, as often as wanted: from the request to the whole first page, through the gateway. */
export async function wakeOneByOne(bench: Bench, rounds: number): Promise<WakeTimes> {
  const times: number[] = []
  const failures: string[] = []
  let cpuMs = 0
  const begun = performance.now()
  for (let round = 0; round < rounds; round += 1) {
    await putToSleep(bench, nameOf(0))
    await asleep(bench, nameOf(0))
    const cpuBefore = await machineCpuMs()
    const { ms, how } = await ask(bench, nameOf(0))
    cpuMs += (await machineCpuMs()) - cpuBefore
    if (how === '200') times.push(ms)
    else failures.push(how)
  }
  const sorted = times.toSorted((a, b) => a - b)
  return {
    tenants: 1,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    firstMs: times[0] ?? 0,
    wholeMs: performance.now() - begun,
    failures: countBy(failures),
    cpuMsPerWake: cpuMs / rounds,
  }
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

/** `times`: in the order in which they asked. */
function overtakenMax(times: readonly number[]): number {
  const overtakers = times.map(
    (time, index) => times.slice(index + 1).filter((later) => later < time).length,
  )
  return Math.max(0, ...overtakers)
}

async function memoryOf({ objects, stateDir }: Bench, tenants: number): Promise<number[]> {
  const found: number[] = []
  for (let index = 0; index < tenants; index += 1) {
    const query = { apiVersion: 'v1', kind: 'Pod', namespace: `instance-${nameOf(index)}` }
    const pod = (await objects.list(query)).items.find(isWorker)
    const worker = pod && (await workerProcessOf(stateDir, pod))
    if (worker) found.push(await privateMegabytesOf(worker.pid))
  }
  return found
}

async function putToSleep(bench: Bench, name: string) {
  const annotations = { [askAnnotations.sleepAt]: new Date().toISOString() }
  await bench.objects.patch(
    { apiVersion, kind: 'PLANAClient', name },
    { type: 'merge', patch: { metadata: { annotations } } },
    { fieldManager: 'bench' },
  )
}

async function asleep(bench: Bench, name: string) {
  const query = { apiVersion: 'v1', kind: 'Pod', namespace: `instance-${name}` }
  await until(
    `${name} sleeps`,
    async () => ((await bench.objects.list(query)).items.some(isWorker) ? undefined : true),
    20,
  )
}

function isWorker({ metadata }: { readonly metadata: { readonly name: string } }): boolean {
  return metadata.name.startsWith('odoo-')
}

async function generations(bench: Bench, tenants: number): Promise<number> {
  let sum = 0
  for (let index = 0; index < tenants; index += 1) {
    const name = nameOf(index)
    const deployment = await bench.objects.get({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespace: `instance-${name}`,
      name: `odoo-${name}`,
    })
    const life: unknown = JSON.parse(deployment?.metadata.annotations?.[lifeAnnotation] ?? '{}')
    sum += Number(recordOf(life).generation ?? 0)
  }
  return sum
}

function ask(bench: Bench, name: string): Promise<{ readonly how: string; readonly ms: number }> {
  const begun = performance.now()
  return new Promise((resolve) => {
    const end = (how: string) => resolve({ how, ms: performance.now() - begun })
    const asking = request({
      host: '127.0.0.1',
      port: bench.httpPort,
      path: '/web/login',
      agent: false,
      headers: { host: `${name}.localhost` },
      signal: AbortSignal.timeout(120_000),
    })
    asking.on('error', ({ message }) => end(message))
    asking.on('response', (answer) => {
      // The beginning of what is not the page says why.
      let beginning = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        if (beginning.length < 300) beginning += chunk
      })
      answer.on('error', ({ message }) => end(message))
      answer.on('end', () => {
        const { statusCode } = answer
        end(statusCode === 200 ? '200' : `${statusCode} ${beginning.slice(0, 300)}`)
      })
    })
    asking.end()
  })
}
