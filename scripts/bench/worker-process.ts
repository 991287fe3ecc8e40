import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type KubeObject, recordOf } from '@pulse/api'

/** Linux counts a process's times in these. */
export const ticksPerSecond = 100

/** The process of a worker's pod, as the pod runner's journal has it. */
export async function workerProcessOf(stateDir: string, pod: KubeObject) {
  const path = join(stateDir, 'pods', pod.metadata.uid ?? '', 'pod.json')
  const journal = recordOf(JSON.parse(await readFile(path, 'utf8').catch(() => '{}')))
  const { odoo } = recordOf(journal.containers)
  const { pid, startTicks } = recordOf(recordOf(recordOf(odoo).run).process)
  if (typeof pid !== 'number' || typeof startTicks !== 'number') return undefined
  return { pid, startTicks, address: String(journal.address) }
}

/** What nobody shares with it. */
export async function privateMegabytesOf(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
  const kilobytes = [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)]
  return Math.round(kilobytes.reduce((sum, [, size]) => sum + Number(size), 0) / 1024)
}

/** Of all its threads; field 14 and 15 of its line. */
export async function cpuMsOf(pid: number): Promise<number> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond
}

/** What all processors of the machine have spent on work since its start. */
export async function machineCpuMs(): Promise<number> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n')
  // proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal, and guests' time, which is user's already.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return ((user + nice + system + irq + softirq) * 1000) / ticksPerSecond
}
