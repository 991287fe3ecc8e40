import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { makeExactFolder } from './exact-folder.ts'
import { isBelow, type SharedMemory } from './mount-script.ts'

export interface SharedMemoryInput {
  /** Of the container; undefined: none. */
  readonly memoryBytes: number | undefined
  /** Where the volumes go. */
  readonly targets: readonly string[]
  readonly stateDir: string
  /** The container's own folder, for the stage. */
  readonly folder: string
}

const place = '/dev/shm'
/** As Docker gives, where there is no limit to take a share of. */
const usualBytes = 64 * 2 ** 20
const pageBytes = 4096

/** Undefined where the machine has no such folder, or a volume of the container takes its place. */
export function planSharedMemory(input: SharedMemoryInput): SharedMemory | undefined {
  const { memoryBytes, targets, stateDir, folder } = input
  if (!existsSync(place)) return undefined
  if (targets.some((target) => target === place || isBelow(place, target))) return undefined
  // Half of what there is, as Linux does for a machine.
  const sizeBytes = memoryBytes === undefined ? usualBytes : Math.max(pageBytes, memoryBytes / 2)
  const kept = isBelow(place, stateDir) ? [relative(place, stateDir)] : []
  const stage = join(folder, 'shm')
  if (kept.length > 0) {
    makeExactFolder(folder, 0o711)
    makeExactFolder(stage, 0o755)
  }
  return {
    ...{ folder: place, sizeBytes: Math.floor(sizeBytes), stage, kept },
    mostFiles: Math.ceil(sizeBytes / pageBytes),
  }
}
