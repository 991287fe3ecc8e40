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

export interface MountPlan {
  readonly skeletons: readonly Skeleton[]
  readonly binds: readonly Bind[]
}

/** Shell lines that carry out the plan as root in an own mount namespace; a fork does the same by itself. */
export function mountScript(plan: MountPlan): string[] {
  const { skeletons, binds } = outerFirst(plan)
  return [...skeletons.flatMap(skeletonLines), ...binds.flatMap(bindLines), 'cd /']
}

/** In the order in which it can be carried out. */
export function outerFirst({ skeletons, binds }: MountPlan): MountPlan {
  const sorted = binds.toSorted((one, other) => one.target.length - other.target.length)
  return { skeletons, binds: sorted }
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
