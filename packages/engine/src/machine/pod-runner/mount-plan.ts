import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { ConfigError } from './config-error.ts'
import { makeExactFolder } from './exact-folder.ts'
import {
  type Bind,
  isBelow,
  type MountPlan,
  outermostMountsBelow,
  type Skeleton,
} from './mount-script.ts'
import { planSharedMemory } from './shared-memory.ts'

export interface MountPlanInput {
  readonly binds: readonly Bind[]
  /** The container's own folder, for the skeletons; best on another filesystem than all that may be overlaid. */
  readonly folder: string
  /** Stays writable and reachable under an overlay, because volumes lie there. */
  readonly stateDir: string
  /** The container's limit; undefined: none. */
  readonly memoryBytes: number | undefined
  readonly ownSharedMemory: boolean
}

/**
 * How to bring the volumes to their places, or undefined when a place cannot be made without writing to the machine
 * (a missing folder directly under `/`): then mounts are addressed through `PULSE_MOUNT_*`.
 */
export function planMounts(input: MountPlanInput): MountPlan | undefined {
  const { binds, folder, stateDir } = input
  const targets = binds.map(({ target }) => target)
  const missing = binds.filter(
    ({ target }) => !exists(target) && !targets.some((other) => isBelow(other, target)),
  )
  for (const bind of binds) mustFit(bind)
  const ancestors = new Set(missing.map(({ target }) => nearestFolder(target)))
  // A folder of which another is an ancestor would vanish under the other's overlay.
  const outer = [...ancestors].filter((one) => ![...ancestors].some((other) => isBelow(other, one)))
  if (outer.length > 0) makeExactFolder(folder, 0o711)
  if (!outer.every((ancestor) => canOverlay(ancestor, folder))) return undefined
  const mountPoints = machineMounts()
  const sharedMemory = input.ownSharedMemory ? planSharedMemory({ ...input, targets }) : undefined
  return {
    skeletons: outer.map((ancestor, index): Skeleton => {
      const lower = join(folder, `skeleton-${index}`)
      const stash = join(folder, `stash-${index}`)
      for (const path of [lower, stash]) makeExactFolder(path, 0o755)
      for (const bind of missing.filter(({ target }) => isBelow(ancestor, target))) {
        makePlace(join(lower, relative(ancestor, bind.target)), bind.isFile)
      }
      return {
        folder: ancestor,
        lower,
        stash,
        kept: outermostMountsBelow(ancestor, [...mountPoints, stateDir]),
      }
    }),
    binds,
    ...(sharedMemory && { sharedMemory }),
  }
}

/** The kernel refuses layers of which one lies inside the other, and an overlay of `/` would hide all other mounts. */
function canOverlay(ancestor: string, folder: string): boolean {
  if (ancestor === '/' || /[,:\\]/.test(ancestor)) return false
  return !isBelow(ancestor, folder) || statSync(ancestor).dev !== statSync(folder).dev
}

function makePlace(path: string, isFile: boolean): void {
  makeExactFolder(isFile ? dirname(path) : path, 0o755)
  if (isFile) writeFileSync(path, '')
}

function mustFit({ target, isFile }: Bind): void {
  if (!target.startsWith('/')) throw new ConfigError(`mountPath ${target} is not absolute`)
  const there = statOrNothing(target)
  if (there && there.isDirectory() === isFile) {
    throw new ConfigError(`mountPath ${target} is a ${isFile ? 'folder' : 'file'} on this machine`)
  }
}

function nearestFolder(path: string): string {
  let at = dirname(path)
  while (!exists(at)) at = dirname(at)
  return at
}

function exists(path: string): boolean {
  return statOrNothing(path) !== undefined
}

function statOrNothing(path: string) {
  return statSync(path, { throwIfNoEntry: false })
}

function machineMounts(): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? [])
    .map((point) =>
      point.replace(/\\([0-7]{3})/g, (_, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      ),
    )
}
