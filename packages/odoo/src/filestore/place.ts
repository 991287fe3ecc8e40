import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
} from 'node:fs'
import { cp, type FileHandle, lstat, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { FilestorePlaces } from './places.ts'

export interface FilestoreTarget {
  /** `{namespace}/{claim}`. */
  readonly claim: string
  /** Folder below `filestore/`: the database's name. */
  readonly database: string
}

const directory = constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_RDONLY

/**
 * Gives a new environment the files of its template. It is built where no tenant can reach and appears at its place
 * whole, by one rename. Files are hard links (content-addressed and never rewritten), owned by the template and
 * read-only; folders belong to the tenant. Whatever lay there before is moved away, never merged. Safe to repeat.
 */
export async function placeFilestore(
  places: FilestorePlaces,
  options: { readonly source: string; readonly target: FilestoreTarget; readonly key: string },
): Promise<number> {
  const { source, target, key } = options
  checkName(target.database)
  checkName(key)
  await makePrivate(places.staging)
  const [staged, stray] = stagedIn(places, key)
  await rm(staged, { recursive: true, force: true })

  const volume = places.volume(target.claim)
  const owner = await ownerOf(volume)
  await mkdir(staged, { mode: 0o700 })
  const files = linkTree(source, staged, owner)
  own(staged, owner)

  await withFilestoreFolder(volume, owner, async (folder) => {
    const place = join(folder, target.database)
    await rm(stray, { recursive: true, force: true })
    await moveIfPresent(place, stray)
    await rename(staged, place)
  })
  await rm(stray, { recursive: true, force: true })
  return files
}

/** Where files are put together, and where what lay in their place waits for its removal. */
function stagedIn(places: FilestorePlaces, key: string): readonly [staged: string, stray: string] {
  const staged = join(places.staging, key)
  return [staged, `${staged}.stray`]
}

/** Takes the files of an environment out of reach, to be found again under its uid. Safe to repeat. */
export async function buryFilestore(
  places: FilestorePlaces,
  target: FilestoreTarget,
  environmentUid: string,
): Promise<void> {
  checkName(target.database)
  checkName(environmentUid)
  await makePrivate(places.tombstones)
  const volume = places.volume(target.claim)
  const owner = await ownerOf(volume).catch(ignoreMissing)
  if (owner === undefined) return
  const grave = join(places.tombstones, environmentUid)
  await withFilestoreFolder(volume, owner, async (folder) => {
    const place = join(folder, target.database)
    // A worker that had not stopped yet may have made the folder anew: nothing refers to what is in that.
    if (await exists(grave)) await rm(place, { recursive: true, force: true })
    else await moveIfPresent(place, grave)
  })
}

/** Removes the files of an environment that nobody ever reached, and what its placing has begun. Safe to repeat. */
export async function discardFilestore(
  places: FilestorePlaces,
  target: FilestoreTarget,
  environmentUid: string,
): Promise<void> {
  // Out of the tenant's reach first: what is removed in its own folder could be changed meanwhile.
  await buryFilestore(places, target, environmentUid)
  await removeBuriedFilestore(places, environmentUid)
  for (const left of stagedIn(places, environmentUid)) {
    await rm(left, { recursive: true, force: true })
  }
}

export async function removeBuriedFilestore(
  places: FilestorePlaces,
  environmentUid: string,
): Promise<void> {
  checkName(environmentUid)
  await rm(join(places.tombstones, environmentUid), { recursive: true, force: true })
}

interface Owner {
  readonly uid: number
  readonly gid: number
}

/**
 * Works in `filestore` of a volume through an open handle. The tenant owns the volume and could put a link in the way
 * at any moment; a handle that was opened without following one stays at the real folder.
 */
async function withFilestoreFolder<T>(
  volume: string,
  owner: Owner,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  await using root = await openFolder(volume)
  const inside = `/proc/self/fd/${root.fd}/filestore`
  const made = await mkdir(inside, { mode: 0o700 }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
      return false
    },
  )
  await using folder = await openFolder(inside)
  if (made) await folder.chown(owner.uid, owner.gid).catch(ignoreForbidden)
  return await work(`/proc/self/fd/${folder.fd}`)
}

async function openFolder(path: string): Promise<FileHandle> {
  return open(path, directory).catch((cause: unknown) => {
    throw new Error(`${path} is not a plain folder`, { cause })
  })
}

/** Without waiting in between: some hundreds of links are done in milliseconds, and a claim waits for them. */
function linkTree(source: string, target: string, owner: Owner): number {
  let files = 0
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const from = join(source, entry.name)
    const to = join(target, entry.name)
    if (entry.isDirectory()) {
      mkdirSync(to, { mode: 0o700 })
      files += linkTree(from, to, owner)
      own(to, owner)
    } else if (entry.isFile()) {
      linkOrCopy(from, to)
      files += 1
    }
  }
  return files
}

/** A link costs nothing; another file system, or too many links, gets a copy. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch (error) {
    if (!isCode(error, 'EXDEV', 'EMLINK', 'EPERM')) throw error
    copyFileSync(from, to)
    chmodSync(to, 0o444)
  }
}

/**
 * By one rename; over a border of file systems by a copy that keeps links as links. Whole or not at all: what is seen
 * at the new place lets the next run remove what is left at the old one. A missing source is no error.
 */
async function moveIfPresent(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return
    if (!isCode(error, 'EXDEV')) throw error
    const partial = `${to}.partial`
    await rm(partial, { recursive: true, force: true })
    await copyAcross(from, partial)
    await rename(partial, to)
    await rm(from, { recursive: true, force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  )
}

async function copyAcross(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
}

async function ownerOf(folder: string): Promise<Owner> {
  const { uid, gid } = await stat(folder)
  return { uid, gid }
}

function own(path: string, owner: Owner): void {
  try {
    chownSync(path, owner.uid, owner.gid)
  } catch (error) {
    ignoreForbidden(error)
  }
}

async function makePrivate(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
}

/** One path segment that cannot lead anywhere else. */
function checkName(name: string): void {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
    throw new Error(`${JSON.stringify(name)} cannot be the name of a filestore`)
  }
}

/** Without root nobody can be given anything, and all folders are ours anyway. */
function ignoreForbidden(error: unknown): void {
  if (!isCode(error, 'EPERM') || process.getuid?.() === 0) throw error
}

function ignoreMissing(error: unknown): undefined {
  if (!isCode(error, 'ENOENT')) throw error
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
