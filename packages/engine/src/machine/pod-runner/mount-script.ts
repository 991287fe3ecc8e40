import { dirname, join, relative } from 'node:path'

/** One volume at its place in the container. */
export interface Bind {
  readonly source: string
  /** Below `source`; resolved only when mounting, so that a symbolic link cannot lead out of the volume. */
  readonly subPath: string
  readonly isFile: boolean
  readonly target: string
  readonly readOnly: boolean
}

/**
 * An existing folder of the machine under which mount points are missing. In the container a read-only overlay lends
 * it the missing folders; on the machine nothing is created.
 */
export interface Skeleton {
  readonly folder: string
  /** Holds the missing folders, empty. */
  readonly lower: string
  /** Where the original is kept while the overlay is put over it. */
  readonly stash: string
  /** Below `folder`, relative: what an overlay would hide or make read-only (other mounts, Pulse's own state). */
  readonly kept: readonly string[]
}

/**
 * A `/dev/shm` of the container's own: what lies in it counts as its memory, nobody else sees it, and it is gone with
 * the last process that has it mounted.
 */
export interface SharedMemory {
  readonly folder: string
  readonly sizeBytes: number
  /** Files in it, which take memory of the kernel also when they are empty. */
  readonly mostFiles: number
  /** Where it is made ready when something is kept. */
  readonly stage: string
  /** Below `folder`, relative: what it would hide and the container needs. */
  readonly kept: readonly string[]
}

export interface MountPlan {
  readonly skeletons: readonly Skeleton[]
  readonly binds: readonly Bind[]
  /** Absent: the container has the machine's. */
  readonly sharedMemory?: SharedMemory
}

/** Shell lines that carry out the plan as root in an own mount namespace; a fork does the same by itself. */
export function mountScript(plan: MountPlan): string[] {
  const { skeletons, binds, sharedMemory } = outerFirst(plan)
  return [
    ...skeletons.flatMap(skeletonLines),
    ...binds.flatMap(bindLines),
    ...(sharedMemory ? sharedMemoryLines(sharedMemory) : []),
    'cd /',
  ]
}

/** In the order in which it can be carried out. */
export function outerFirst(plan: MountPlan): MountPlan {
  const binds = plan.binds.toSorted((one, other) => one.target.length - other.target.length)
  return { ...plan, binds }
}

/**
 * Each mount is a process of two milliseconds that somebody waits for: the original is stashed only when something of
 * it is kept, and stays there, where the container finds nothing that it does not see anyway.
 */
function skeletonLines({ folder, lower, stash, kept }: Skeleton): string[] {
  const overlay = `mount -t overlay -o ${quote(`lowerdir=${lower}:${folder}`)} pulse ${quote(folder)}`
  if (kept.length === 0) return [overlay]
  return [
    `mount --rbind ${quote(folder)} ${quote(stash)}`,
    overlay,
    ...kept.map((path) => `mount --rbind ${quote(join(stash, path))} ${quote(join(folder, path))}`),
  ]
}

/** Entering the folder and then asking where we are leaves no moment in which the tenant could put a link there. */
function bindLines({ source, subPath, isFile, target, readOnly }: Bind): string[] {
  const options = readOnly ? 'bind,nosuid,nodev,ro' : 'bind,nosuid,nodev'
  if (isFile || subPath === '') {
    return [`mount -o ${options} ${quote(join(source, subPath))} ${quote(target)}`]
  }
  return [
    `cd -P ${quote(source)}; inside=$PWD; cd -P ${quote(`./${subPath}`)}`,
    `case "$PWD/" in "$inside"/*) ;; *) echo 'the subPath leads out of its volume' >&2; exit 125 ;; esac`,
    `mount -c -o bind . ${quote(target)}`,
    `mount -o remount,${options} ${quote(target)}`,
  ]
}

/** To be carried out last: secrets are mounted from the machine's own. */
function sharedMemoryLines(memory: SharedMemory): string[] {
  const { folder, sizeBytes, mostFiles, stage, kept } = memory
  const options = `size=${sizeBytes},nr_inodes=${mostFiles},mode=1777,nosuid,nodev`
  const mountAt = (at: string) => `mount -t tmpfs -o ${options} pulse ${quote(at)}`
  if (kept.length === 0) return [mountAt(folder)]
  return [
    mountAt(stage),
    ...kept.flatMap((path) => [
      `(umask 022; mkdir -p ${quote(join(stage, path))})`,
      `mount --rbind ${quote(join(folder, path))} ${quote(join(stage, path))}`,
    ]),
    `mount --move ${quote(stage)} ${quote(folder)}`,
  ]
}

/** The mounts below a folder that no other of them contains, relative to it. */
export function outermostMountsBelow(folder: string, mountPoints: readonly string[]): string[] {
  const below = mountPoints.filter((point) => isBelow(folder, point))
  return [...new Set(below)]
    .filter((point) => !below.some((other) => isBelow(other, point)))
    .map((point) => relative(folder, point))
}

/** Whether `path` lies inside `folder` and is not it. */
export function isBelow(folder: string, path: string): boolean {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    if (dirname(at) === folder) return true
  }
  return false
}

/** One word of a shell's command line, whatever it holds. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
