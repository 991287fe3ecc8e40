import type { Buffer } from 'node:buffer'
import { chmodSync, chownSync, closeSync, constants, mkdirSync, openSync } from 'node:fs'

/** `O_PATH`, which Node has no name for: a hold on a folder that may not even be read. The same on x64 and arm64. */
const holdOnly = 0o10_000_000

/** There is something else in the place of a folder. */
export class NoFolderError extends Error {}

/**
 * Works in a folder below `base`; the folders on the way that are missing are made, for this user alone. Whoever lives
 * there may lay a link at any moment, and we may be root: so each folder is held by a descriptor and reached from the
 * one that holds it. `here` is the folder by its descriptor, as a path that is good until the work ends.
 */
export function inFolder<T>(
  { base, path, user }: { readonly base: string; readonly path: string; readonly user?: number },
  work: (here: string) => T,
): T {
  const held: number[] = []
  const enter = (place: string) => {
    const folder = holdFolder(place)
    if (folder === undefined) throw new NoFolderError(`${path} is not a folder in its volume`)
    held.push(folder)
    return heldPath(folder)
  }
  try {
    let here = enter(base)
    for (const part of path.split('/').filter((one) => one !== '' && one !== '.')) {
      const isMade = make(`${here}/${part}`)
      here = enter(`${here}/${part}`)
      if (!isMade) continue
      if (user !== undefined) chownSync(here, user, user)
      chmodSync(here, 0o700)
    }
    return work(here)
  } finally {
    for (const folder of held) closeSync(folder)
  }
}

/** Undefined where there is no folder, or a link in its place; to be closed. */
export function holdFolder(path: string | Buffer): number | undefined {
  try {
    return openSync(path, holdOnly | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined
    throw error
  }
}

/** What a descriptor holds, whatever lies at its path by now. */
export function heldPath(folder: number): string {
  return `/proc/self/fd/${folder}`
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}

/** False where something is there already. */
function make(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 })
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}
