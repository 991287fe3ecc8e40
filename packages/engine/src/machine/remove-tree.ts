import { Buffer } from 'node:buffer'
import { chmodSync, closeSync, fstatSync, readdirSync, rmSync } from 'node:fs'
import { hasCode, heldPath, holdFolder } from './held-folder.ts'

/** Folders inside one another that are unlocked; each holds a descriptor meanwhile. */
const deepest = 500

/**
 * Removes a path and all that is below it; what is not there is no mistake. A folder may be closed to its own owner,
 * as that of a mounted Secret is and as programs make them: only root passes over that, so for others such folders are
 * opened first. Links are removed, never followed.
 */
export function removeTree(path: string): void {
  try {
    remove(path)
  } catch (error) {
    if (!isDenied(error)) throw notRemoved(path, error)
    try {
      openFolders(path)
      remove(path)
    } catch (second) {
      throw notRemoved(path, second)
    }
  }
}

function remove(path: string) {
  rmSync(path, { recursive: true, force: true })
}

function notRemoved(path: string, cause: unknown): Error {
  const why = cause instanceof Error && 'code' in cause ? cause.code : cause
  return new Error(`cannot remove ${path}: ${why}`, { cause })
}

/**
 * Whoever lives in there may lay a link at any moment, so each folder is held by a descriptor, and reached from the one
 * that holds it: no path is resolved twice. Others' folders and other file systems stay as they are.
 */
function openFolders(
  path: string | Buffer,
  within?: { readonly device: number; readonly depth: number },
) {
  const folder = holdFolder(path)
  if (folder === undefined) return
  try {
    const { dev, mode, uid } = fstatSync(folder)
    const { device, depth } = within ?? { device: dev, depth: 1 }
    if (uid !== process.geteuid?.() || dev !== device || depth > deepest) return
    const here = heldPath(folder)
    if ((mode & 0o700) !== 0o700) chmodSync(here, 0o700)
    // As bytes: a name need not be text.
    for (const entry of readdirSync(here, { withFileTypes: true, encoding: 'buffer' })) {
      if (!entry.isDirectory()) continue
      openFolders(Buffer.concat([Buffer.from(`${here}/`), entry.name]), {
        device,
        depth: depth + 1,
      })
    }
  } finally {
    closeSync(folder)
  }
}

/** Whether rights are what was missing. */
export function isDenied(error: unknown): boolean {
  return hasCode(error, 'EACCES')
}
