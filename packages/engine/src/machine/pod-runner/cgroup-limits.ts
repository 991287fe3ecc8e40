import type { Container } from './pod.ts'
import { mustParseQuantity } from './quantity.ts'

/**
 * No container may exhaust the machine's process table, whatever it asks for. Where no cgroup bounds it, its user may have
 * so many (RLIMIT_NPROC), that is all containers of its namespace together.
 */
export const mostProcesses = 4096

export type Controller = 'memory' | 'cpu' | 'pids'

export interface Limits {
  readonly memoryBytes: number | undefined
  readonly cpus: number | undefined
  /** What it gets when all want more than there is. */
  readonly cpuShare: number | undefined
}

export function limitsOf({ limits, requests }: Container): Limits {
  return {
    memoryBytes: limits.memory === undefined ? undefined : mustParseQuantity(limits.memory),
    cpus: limits.cpu === undefined ? undefined : mustParseQuantity(limits.cpu),
    cpuShare: requests.cpu === undefined ? undefined : mustParseQuantity(requests.cpu),
  }
}

/** One file of a cgroup and what is written to it; an optional one may be missing on this kernel. */
export interface CgroupWrite {
  readonly file: string
  readonly value: string
  readonly optional?: true
}

const periodMicroseconds = 100_000

/** The writes that enforce the limits through one controller of cgroup v1 or v2. */
export function cgroupWrites(
  version: 1 | 2,
  controller: Controller,
  { memoryBytes, cpus, cpuShare }: Limits,
): CgroupWrite[] {
  if (controller === 'pids') return [{ file: 'pids.max', value: String(mostProcesses) }]
  if (controller === 'memory') {
    if (memoryBytes === undefined) return []
    return version === 1 ? memoryV1(memoryBytes) : memoryV2(memoryBytes)
  }
  const quota = cpus === undefined ? undefined : Math.round(cpus * periodMicroseconds)
  return version === 1 ? cpuV1(quota, cpuShare) : cpuV2(quota, cpuShare)
}

/** Swap counts as memory: a limit that swaps instead of ending makes everyone slow. */
function memoryV1(bytes: number): CgroupWrite[] {
  const value = String(Math.floor(bytes))
  return [
    { file: 'memory.limit_in_bytes', value },
    { file: 'memory.memsw.limit_in_bytes', value, optional: true },
  ]
}

function memoryV2(bytes: number): CgroupWrite[] {
  return [
    { file: 'memory.max', value: String(Math.floor(bytes)) },
    { file: 'memory.swap.max', value: '0', optional: true },
    // As kubelet does: half a container that lost one of its processes helps nobody.
    { file: 'memory.oom.group', value: '1', optional: true },
  ]
}

function cpuV1(quota: number | undefined, share: number | undefined): CgroupWrite[] {
  return [
    ...(share === undefined
      ? []
      : [{ file: 'cpu.shares', value: String(Math.max(2, Math.round(share * 1024))) }]),
    ...(quota === undefined
      ? []
      : [
          { file: 'cpu.cfs_period_us', value: String(periodMicroseconds) },
          { file: 'cpu.cfs_quota_us', value: String(quota) },
        ]),
  ]
}

/** Weight 1–10000 from shares 2–262144, by the formula that Kubernetes uses. */
function cpuV2(quota: number | undefined, share: number | undefined): CgroupWrite[] {
  const shares = share === undefined ? undefined : Math.max(2, Math.round(share * 1024))
  return [
    ...(shares === undefined
      ? []
      : [{ file: 'cpu.weight', value: String(1 + Math.floor(((shares - 2) * 9999) / 262_142)) }]),
    ...(quota === undefined ? [] : [{ file: 'cpu.max', value: `${quota} ${periodMicroseconds}` }]),
  ]
}
