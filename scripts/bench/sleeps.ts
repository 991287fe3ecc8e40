import { type Asked, askPage } from './ask-page.ts'
import { percentile } from './gateway/percentile.ts'
import type { Bench } from './pulse.ts'
import { createTenant, isWorker, putToSleep, untilAsleep } from './tenants.ts'
import { type WakeTimes, wakeTimesOf } from './wake-times.ts'
import { machineCpuMs, privateMegabytesOf, workerProcessOf } from './worker-process.ts'

/** Also how fair it was, and what those that are awake then have to themselves. */
export interface ParallelWakes extends WakeTimes {
  /** The most that were answered before one that had asked earlier. */
  readonly overtakenMax: number
  readonly privateMegabytes: { readonly median: number; readonly max: number }
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
  const memory = await memoryOf(bench, names)
  return {
    ...wakeTimesOf(asked, cpuMs),
    overtakenMax: overtakenMax(asked.map(({ ms }) => ms)),
    privateMegabytes: { median: percentile(memory, 0.5), max: percentile(memory, 1) },
  }
}

/** The same one, one wake after the other. */
export async function wakeOneByOne(bench: Bench, rounds: number): Promise<WakeTimes> {
  const asked: Asked[] = []
  const name = sleeperName(0)
  let cpuMs = 0
  for (let round = 0; round < rounds; round += 1) {
    await putToSleep(bench, name)
    await untilAsleep(bench, name)
    const cpuBefore = await machineCpuMs()
    asked.push(await askPage(bench.httpPort, name))
    cpuMs += (await machineCpuMs()) - cpuBefore
  }
  return wakeTimesOf(asked, cpuMs)
}

/** `times`: in the order in which they asked. */
function overtakenMax(times: readonly number[]): number {
  const overtakers = times.map(
    (time, index) => times.slice(index + 1).filter((later) => later < time).length,
  )
  return Math.max(0, ...overtakers)
}

async function memoryOf(
  { objects, stateDir }: Bench,
  names: readonly string[],
): Promise<readonly number[]> {
  const found: number[] = []
  for (const name of names) {
    const query = { apiVersion: 'v1', kind: 'Pod', namespace: `instance-${name}` }
    const pod = (await objects.list(query)).items.find(isWorker)
    const worker = pod && (await workerProcessOf(stateDir, pod))
    if (worker) found.push(await privateMegabytesOf(worker.pid))
  }
  return found
}
