import { type Dirent, lstatSync, readdirSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'

/** What one kind of content takes of the disk. */
export interface PartUse {
  readonly name: string
  readonly bytes: number
  /** False: there is more, which was not counted or may not be read. */
  readonly isWhole: boolean
}

export interface DiskUse {
  readonly path: string
  readonly totalBytes: number
  /** For whoever is not root. */
  readonly freeBytes: number
  readonly parts: readonly PartUse[]
}

/** Looked at in each part: a screen is worth a fraction of a second, not a walk over millions of files. */
const mostEntries = 8_000
const blockBytes = 512

const partOfName: Readonly<Record<string, string>> = {
  postgres: 'databases',
  volumes: 'filestores',
  templates: 'templates',
  '.tombstones': 'deleted',
  pods: 'logs of tenants',
  runtimes: 'runtimes',
  addons: 'programs',
  forks: 'programs',
  programs: 'programs',
  'stand-in': 'programs',
}

/** How full the disk of a state directory is, and of what; a large part is counted up to a bound, and says so. */
export async function readDiskUse(stateDir: string, most = mostEntries): Promise<DiskUse> {
  const { bsize, blocks, bavail } = await statfs(stateDir)
  const parts = new Map<string, PartUse>()
  for (const entry of entriesOf(stateDir) ?? []) {
    const name = partOfName[entry.name] ?? 'other'
    const { bytes, isWhole } = walk(join(stateDir, entry.name), most)
    const before = parts.get(name) ?? { bytes: 0, isWhole: true }
    parts.set(name, {
      ...{ name, bytes: before.bytes + bytes },
      isWhole: before.isWhole && isWhole,
    })
  }
  const sorted = [...parts.values()].toSorted((a, b) => b.bytes - a.bytes)
  return { path: stateDir, totalBytes: blocks * bsize, freeBytes: bavail * bsize, parts: sorted }
}

/** Breadth first, so that what is cut off lies deep; links are not followed. */
function walk(root: string, most: number): Pick<PartUse, 'bytes' | 'isWhole'> {
  let bytes = 0
  let isWhole = true
  let seen = 0
  const open = [root]
  for (let at = 0; at < open.length; at += 1) {
    const path = open[at] ?? ''
    if (seen >= most) return { bytes, isWhole: false }
    const stat = lstatSync(path, { throwIfNoEntry: false })
    seen += 1
    if (stat === undefined) continue
    bytes += stat.blocks * blockBytes
    if (!stat.isDirectory()) continue
    const entries = entriesOf(path)
    if (entries === undefined) isWhole = false
    for (const entry of entries ?? []) {
      if (open.length > most) isWhole = false
      else open.push(join(path, entry.name))
    }
  }
  return { bytes, isWhole }
}

/** Undefined where it may not be read; one that went meanwhile is empty. */
function entriesOf(path: string): readonly Dirent[] | undefined {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? [] : undefined
  }
}
