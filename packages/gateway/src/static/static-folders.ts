import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** The `static` folder of each module: its real path. */
export type StaticFolders = ReadonlyMap<string, string>

export type FoldersFound = StaticFolders | undefined

/** Which static folders are the runtime's for an environment. */
export interface StaticSource {
  /**
   * Only modules that the environment does not bring along itself, since its own win and the gateway does not see them:
   * `withoutOwn`. Undefined when that is not known: then Odoo serves them all. A promise where it has to be looked up,
   * which takes a second at most and never fails.
   */
  foldersOf(environment: string): FoldersFound | Promise<FoldersFound>
}

/**
 * Reads the static folders of a runtime, in its folders of add-ons. A module that stands in two of them is left out:
 * which one Odoo takes is its business. So is a folder that others than `owners` might change.
 */
export async function readStaticFolders(
  addonsPaths: readonly string[],
  owners: readonly number[] = [0],
): Promise<StaticFolders> {
  const found = await Promise.all(addonsPaths.map((path) => foldersIn(path, owners)))
  const all = found.flat()
  const count = new Map<string, number>()
  for (const { module } of all) count.set(module, (count.get(module) ?? 0) + 1)
  return new Map(
    all.flatMap(({ module, folder }) =>
      folder !== undefined && count.get(module) === 1 ? [[module, folder] as const] : [],
    ),
  )
}

/** Without the modules of these names: folders in the environment's own add-ons. */
export function withoutOwn(folders: StaticFolders, own: Iterable<string>): StaticFolders {
  const names = new Set(own)
  return new Map([...folders].filter(([module]) => !names.has(module)))
}

interface Ownership {
  readonly uid: number
  readonly gid: number
  readonly mode: number
}

/** Nobody but its owner may write it, who is one we trust; a group of the owner's own number is the owner. */
export function isTrusted({ uid, gid, mode }: Ownership, owners: readonly number[]): boolean {
  const othersWrite = (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && !owners.includes(gid))
  return owners.includes(uid) && !othersWrite
}

/** Each module with its static folder, or without when it has none to serve. */
async function foldersIn(givenPath: string, owners: readonly number[]) {
  const addonsPath = await realpath(givenPath)
  const modules = await readdir(addonsPath)
  return await Promise.all(
    modules.map(async (module) => {
      const folder = join(addonsPath, module, 'static')
      const served = await isServed(join(addonsPath, module), folder, owners)
      return { module, folder: served ? folder : undefined }
    }),
  )
}

async function isServed(module: string, folder: string, owners: readonly number[]) {
  try {
    const [{ isFile }, ...folders] = await Promise.all([
      stat(join(module, '__manifest__.py')).then((manifest) => ({ isFile: manifest.isFile() })),
      lstat(module),
      lstat(folder),
    ])
    return isFile && folders.every((one) => one.isDirectory() && isTrusted(one, owners))
  } catch {
    return false
  }
}
