import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Run } from './journal.ts'
import type { LivingPod } from './living-pod.ts'
import { memoryOfRun } from './memory-use.ts'
import { isAlive, type Sessions, sessionsNow } from './process-table.ts'

/** What one pod has used of the processor, and uses of memory. */
export interface PodUse {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly containers: readonly ContainerUse[]
}

export interface ContainerUse {
  readonly name: string
  /** Since its start. */
  readonly cpuSeconds: number
  /** Of its own: pages of files are left out. */
  readonly memoryBytes: number
}

/** Linux tells times of processes in hundredths of a second, on every machine that Pulse runs on. */
const ticksPerSecond = 100

/** What these pods use; the processes of the machine are looked through once at most. */
export async function useOfPods(
  pods: Iterable<{ use(sessions: () => Sessions): Promise<PodUse> }>,
): Promise<readonly PodUse[]> {
  let sessions: Sessions | undefined
  const lookOnce = () => {
    sessions ??= sessionsNow()
    return sessions
  }
  const found: PodUse[] = []
  for (const pod of pods) {
    const use = await pod.use(lookOnce)
    if (use.containers.length > 0) found.push(use)
  }
  return found
}

/** Without containers for one that runs no process of its own. */
export async function useOfPod(
  { pod, record }: Pick<LivingPod, 'pod' | 'record'>,
  sessions: () => Sessions,
): Promise<PodUse> {
  const containers: ContainerUse[] = []
  for (const { name } of pod.containers) {
    const run = record?.of(name).run
    if (run?.type !== 'process') continue
    const cpuSeconds = await cpuOfRun(run, sessions)
    containers.push({ name, cpuSeconds, memoryBytes: await memoryOfRun(run, sessions) })
  }
  const { namespace, name, uid } = pod
  return { namespace, name, uid, containers }
}

/** As its control group counts it; where there is none, as its living processes say. */
async function cpuOfRun({ cgroups, process }: Run, sessions: () => Sessions): Promise<number> {
  for (const group of cgroups) {
    const counted = await countedIn(group)
    if (counted !== undefined) return counted
  }
  if (process === undefined || !isAlive(process)) return 0
  let ticks = 0
  for (const pid of sessions().get(process.pid) ?? []) ticks += await ticksOf(pid)
  return ticks / ticksPerSecond
}

/** Of version 2 in microseconds, of version 1 in nanoseconds. */
async function countedIn(group: string): Promise<number | undefined> {
  const micros = /^usage_usec (\d+)$/m.exec(await textOf(join(group, 'cpu.stat')))?.[1]
  if (micros !== undefined) return Number(micros) / 1e6
  const nanos = (await textOf(join(group, 'cpuacct.usage'))).trim()
  return nanos === '' ? undefined : Number(nanos) / 1e9
}

/** Fields 14 to 17 of `/proc/PID/stat`: its own time and that of children that have ended. */
async function ticksOf(pid: number): Promise<number> {
  const line = await textOf(`/proc/${pid}/stat`)
  const fields = line
    .slice(line.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
  return fields.reduce((sum, field) => sum + Number(field), 0)
}

/** Empty when it is not there, or no more. */
async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return ''
  }
}
