import { chown, lstat, mkdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from './held-folder.ts'
import { isDenied, removeTree } from './remove-tree.ts'

export interface VolumeRef {
  readonly namespace: string
  readonly name: string
}

/** Where claims become folders. Both calls are safe to repeat. */
export interface Volumes {
  /** Makes the folder if it is not there; `uid` becomes its owner, absent: who runs Pulse. */
  create(volume: VolumeRef, uid: number | undefined): Promise<void>
  /** Removes the folder and all that is in it. */
  remove(volume: VolumeRef): Promise<void>
}

const dnsLabel = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/

/** Volumes as folders `{root}/{namespace}/{claim}`. A link in the way is never followed: what it points to is not ours. */
export function createVolumeFolders(root: string): Volumes {
  function pathOf({ namespace, name }: VolumeRef) {
    for (const part of [namespace, name]) {
      if (!dnsLabel.test(part) || part.includes('..')) throw new Error(`${part} cannot be a folder`)
    }
    return { parent: join(root, namespace), folder: join(root, namespace, name) }
  }

  return {
    async create(volume, uid) {
      const { parent, folder } = pathOf(volume)
      await mkdir(root, { recursive: true, mode: 0o711 })
      await makeFolder(parent, 0o711)
      const isNew = await makeFolder(folder, 0o700)
      if (uid === undefined) return
      // A crash between the two leaves an empty folder of the wrong owner; what a tenant has written stays as it is.
      if (isNew || (await lstat(folder)).uid !== uid) await chown(folder, uid, uid)
    },
    async remove(volume) {
      const { parent, folder } = pathOf(volume)
      if ((await isFolder(parent)) === undefined) return
      // `rm` removes a link itself, also deep inside: the tenant has written here and may have laid some.
      await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch((error) => {
        if (!isDenied(error)) throw error
        removeTree(folder)
      })
      // The last volume takes the namespace's folder with it; one that is not empty stays.
      await rmdir(parent).catch(() => undefined)
    },
  }
}

/** Whether it had to be made. */
async function makeFolder(path: string, mode: number): Promise<boolean> {
  if (await isFolder(path)) return false
  try {
    await mkdir(path, { mode })
    return true
  } catch (error) {
    // Another claim of a new namespace has just made it; whatever else has come there is refused.
    if (hasCode(error, 'EEXIST') && (await isFolder(path))) return false
    throw error
  }
}

/** Undefined when nothing is there; anything but a folder is refused. */
async function isFolder(path: string): Promise<true | undefined> {
  try {
    const found = await lstat(path)
    if (!found.isDirectory()) throw new Error(`${path} is not a folder`)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}
