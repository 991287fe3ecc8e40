import { type Asked, askPage } from './ask-page.ts'
import { percentile } from './gateway/percentile.ts'
import type { Bench } from './pulse.ts'
import { signalMsSoFar } from './signal.ts'
import { createTenant, isWorker, putToSleep, untilAsleep } from './tenants.ts'
import { type WakeTimes, wakeTimesOf } from './wake-times.ts'
import { cpuMsOf, machineCpuMs, privateMegabytesOf, workerProcessOf } from './worker-process.ts'

/** Also what those that are awake then have taken for themselves. */
export interface InstanceWakes extends WakeTimes {
  readonly privateMegabytes: { readonly median: number; readonly max: number }
  /** From a request until the wish for a worker stands in the store; none where all ask at once. */
  readonly signalMs: readonly number[]
  /** CPU time of a worker's process alone: what no gateway and no engine can spare. */
  readonly ownCpuMs: number
}

/** Also how fair it was. */
export interface ParallelWakes extends InstanceWakes {
  /** The most that were answered before one that had asked earlier. */
  readonly overtakenMax: number
}

export const sleeperName = (index: number) => `sleeper${index}`

/** Instances, all made and ready; those below `from` are there already. */
export async function createSleepers(bench: Bench, count: number, idleTimeout: string, from = 0) {
  for (let index = from; index < count; index += 1) {
    await createTenant(bench, sleeperName(index), { hosting: 'instance', idleTimeout })
  }
}

/** All of them asleep, and then all wanted at once: how long each waits for its first page. */
export async function wakeAtOnce(bench: Bench, tenants: number): Promise<ParallelWakes> {
  const names = Array.from({ length: tenants }, (_, index) => sleeperName(index))
  for (const name of names) await putToSleep(bench, name)
  for (const name of names) await untilAsleep(bench, name)
  const cpuBefore = await machineCpuMs()
  const asked = await Promise.all(names.map((name) => askPage(bench.httpPort, name)))
  const cpuMs = (await machineCpuMs()) - cpuBefore
  return {
    ...wakeTimesOf(asked, cpuMs),
    ...workersOf(await Promise.all(names.map((name) => workerOf(bench, name)))),
    signalMs: [],
    overtakenMax: overtakenMax(asked.map(({ ms }) => ms)),
  }
}

/** The same one, one wake after the other. */
export async function wakeOneByOne(bench: Bench, rounds: number): Promise<InstanceWakes> {
  const asked: Asked[] = []
  const workers: (Worker | undefined)[] = []
  const signalMs: number[] = []
  const name = sleeperName(0)
  let cpuMs = 0
  for (let round = 0; round < rounds; round += 1) {
    await putToSleep(bench, name)
    await untilAsleep(bench, name)
    const signalBefore = await signalMsSoFar(bench)
    const cpuBefore = await machineCpuMs()
    asked.push(await askPage(bench.httpPort, name))
    cpuMs += (await machineCpuMs()) - cpuBefore
    signalMs.push((await signalMsSoFar(bench)) - signalBefore)
    workers.push(await workerOf(bench, name))
  }
  return { ...wakeTimesOf(asked, cpuMs), ...workersOf(workers), signalMs }
}

/** `times`: in the order in which they asked. */
function overtakenMax(times: readonly number[]): number {
  const overtakers = times.map(
    (time, index) => times.slice(index + 1).filter((later) => later < time).length,
  )
  return Math.max(0, ...overtakers)
}

interface Worker {
  readonly cpuMs: number
  readonly privateMegabytes: number
}

async function workerOf({ objects, stateDir }: Bench, name: string): Promise<Worker | undefined> {
  const query = { apiVersion: 'v1', kind: 'Pod', namespace: `instance-${name}` }
  const pod = (await objects.list(query)).items.find(isWorker)
  const worker = pod && (await workerProcessOf(stateDir, pod))
  if (worker === undefined) return undefined
  const { pid } = worker
  return { cpuMs: await cpuMsOf(pid), privateMegabytes: await privateMegabytesOf(pid) }
}

function workersOf(found: readonly (Worker | undefined)[]) {
  const workers = found.filter((worker) => worker !== undefined)
  const memory = workers.map(({ privateMegabytes }) => privateMegabytes)
  return {
    ownCpuMs: percentile(
      workers.map(({ cpuMs }) => cpuMs),
      0.5,
    ),
    privateMegabytes: { median: percentile(memory, 0.5), max: percentile(memory, 1) },
  }
}
