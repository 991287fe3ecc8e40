import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { limitsOf } from './cgroup-limits.ts'
import type { Run } from './journal.ts'
import type { LivingPod } from './living-pod.ts'
import { isAlive, type Sessions, sessionsNow } from './process-table.ts'

/** What one pod uses of the memory that it may use. */
export interface PodMemory {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** Memory of its own: pages of files are left out, which the kernel takes back by itself. */
  readonly usedBytes: number
  readonly limitBytes: number
}

/** One of whom can be told what it uses. */
export interface Measured {
  /** Undefined where nothing is counted; `sessions` is called at need. */
  memory(sessions: () => Sessions): Promise<PodMemory | undefined>
}

/** What these use of memory; the processes of the machine are looked through once at most. */
export async function memoryOfPods(pods: Iterable<Measured>): Promise<readonly PodMemory[]> {
  let sessions: Sessions | undefined
  const lookOnce = () => {
    sessions ??= sessionsNow()
    return sessions
  }
  const found: PodMemory[] = []
  // One after the other: nobody waits for it, and the kernel holds a process while it counts its pages.
  for (const pod of pods) {
    const use = await pod.memory(lookOnce)
    if (use) found.push(use)
  }
  return found
}

/** Undefined for one that runs no process of its own, or has no limit. */
export async function memoryOfPod(
  { pod, record }: Pick<LivingPod, 'pod' | 'record'>,
  sessions: () => Sessions,
): Promise<PodMemory | undefined> {
  const runs = pod.containers.flatMap(({ name }) => record?.of(name).run ?? [])
  const limits = pod.containers.map((container) => limitsOf(container).memoryBytes)
  const limitBytes = limits.reduce((sum: number, one) => sum + (one ?? Number.NaN), 0)
  if (Number.isNaN(limitBytes) || !runs.some(({ type }) => type === 'process')) return undefined
  let usedBytes = 0
  for (const run of runs) usedBytes += await memoryOfRun(run, sessions)
  const { namespace, name, uid } = pod
  return { namespace, name, uid, usedBytes, limitBytes }
}

/** As its control group counts it; where there is none, as its processes say. */
export async function memoryOfRun(
  { cgroups, process }: Run,
  sessions: () => Sessions,
): Promise<number> {
  for (const group of cgroups) {
    const counted = await anonymousIn(group)
    if (counted !== undefined) return counted
  }
  if (process === undefined || !isAlive(process)) return 0
  let sum = 0
  for (const pid of sessions().get(process.pid) ?? []) sum += await anonymousOf(pid)
  return sum
}

/** `anon` of version 2, `total_rss` of version 1; undefined for a group that does not count memory. */
async function anonymousIn(group: string): Promise<number | undefined> {
  const count = /^(?:anon|total_rss) (\d+)$/m.exec(await textOf(join(group, 'memory.stat')))?.[1]
  return count === undefined ? undefined : Number(count)
}

/** Its share of what it has in common with others counts too: a fork begins with all that its parent has loaded. */
async function anonymousOf(pid: number): Promise<number> {
  const kilobytes = /^Pss_Anon:\s+(\d+) kB$/m.exec(await textOf(`/proc/${pid}/smaps_rollup`))?.[1]
  return Number(kilobytes ?? 0) * 1024
}

/** Empty when it is not there, or no more. */
async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return ''
  }
}
