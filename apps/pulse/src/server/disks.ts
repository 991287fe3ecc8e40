import { stat, statfs } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Condition, KubeObject, Log } from '@pulse/api'
import type { EventRecorder } from '@pulse/engine'

/** A disk with no room left for what Pulse and its tenants write. */
export interface FullDisk {
  /** What lies on it, in words: `databases, volumes`. */
  readonly holds: string
  /** The first of the folders that do. */
  readonly path: string
  readonly freeBytes: number
  /** It has bytes left, and no file can be made. */
  readonly lacksFiles: boolean
}

export interface Disks {
  /** As of the last look. */
  readonly full: () => readonly FullDisk[]
  /** In words, one for each disk that is full. */
  readonly problems: () => readonly string[]
  /** For the Node, as Kubernetes calls it. */
  readonly condition: () => Condition
}

export interface DisksOptions {
  /** Folders by what they hold. */
  readonly folders: Readonly<Record<string, string>>
  readonly log: Log
  readonly signal: AbortSignal
  readonly lookEveryMs?: number
}

/** What others write meanwhile needs as much: below it no clone is begun. */
const leastFreeBytes = 64 * 2 ** 20

/**
 * Looks from time to time at the disks that the folders lie on, which may be one or several. One that fills up is told
 * once, and once more when it has room again; nothing is stopped because of it.
 */
export function watchDisks(
  { folders, log, signal, lookEveryMs = 5_000 }: DisksOptions,
  onChange: () => void,
): Disks {
  let full: readonly FullDisk[] = []

  async function look() {
    const before = full
    full = await readFullDisks(folders)
    for (const disk of full) {
      if (!before.some(({ holds }) => holds === disk.holds))
        log.error({ ...disk }, 'a disk is full')
    }
    for (const disk of before) {
      if (!full.some(({ holds }) => holds === disk.holds)) {
        log.warn({ path: disk.path, holds: disk.holds }, 'the disk has room again')
      }
    }
    if (wordsOf(before) !== wordsOf(full)) onChange()
  }

  async function watch() {
    while (!signal.aborted) {
      await look()
      await delay(lookEveryMs, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  void watch()
  return {
    full: () => full,
    problems: () => full.map(problemOf),
    condition: () => conditionOf(full),
  }
}

/** Disks that are full, each once. A folder that cannot be asked about is left out. */
export async function readFullDisks(
  folders: DisksOptions['folders'],
): Promise<readonly FullDisk[]> {
  const disks = new Map<number, FullDisk>()
  for (const [name, path] of Object.entries(folders)) {
    const found = await Promise.all([stat(path), statfs(path)]).catch(() => undefined)
    if (found === undefined) continue
    const [{ dev }, { bsize, bavail, files, ffree }] = found
    const known = disks.get(dev)
    const freeBytes = bavail * bsize
    // Some file systems make as many as there is room for, and count none.
    const lacksFiles = files > 0 && ffree === 0
    if (freeBytes >= leastFreeBytes && !lacksFiles) continue
    const holds = known === undefined ? name : `${known.holds}, ${name}`
    disks.set(dev, { path, ...known, holds, freeBytes, lacksFiles })
  }
  return [...disks.values()]
}

function wordsOf(full: readonly FullDisk[]): string {
  return full.map(({ holds, path }) => `${path}: ${holds}`).join('; ')
}

/** No numbers that change: it is a condition's message and an event's too. */
function problemOf({ holds, path, lacksFiles }: FullDisk): string {
  const lacks = lacksFiles ? 'no more files can be made on it' : 'less than 64 MiB are free'
  return `the disk of ${holds} (${path}) is full: ${lacks}; make room`
}

function conditionOf(full: readonly FullDisk[]): Condition {
  const type = 'DiskPressure'
  if (full.length === 0) return { type, status: 'False', reason: 'HasRoom' }
  return { type, status: 'True', reason: 'DiskFull', message: full.map(problemOf).join('; ') }
}

/** Says on the Node what has come of its disks. */
export async function tellDisks(
  events: EventRecorder,
  node: KubeObject,
  disks: Pick<Disks, 'problems'>,
): Promise<void> {
  const problems = disks.problems()
  for (const message of problems) {
    await events.record(node, { type: 'Warning', reason: 'DiskFull', message })
  }
  if (problems.length > 0) return
  await events.record(node, {
    type: 'Normal',
    reason: 'DiskHasRoom',
    message: 'all disks have room',
  })
}
