import type { Buffer } from 'node:buffer'
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import { inFolder, NoFolderError } from '../held-folder.ts'
import { removeTree } from '../remove-tree.ts'
import { ConfigError } from './config-error.ts'
import { makeExactFolder } from './exact-folder.ts'
import { type Bind, isBelow } from './mount-script.ts'
import type { Container, Pod, Volume } from './pod.ts'
import { contentOrNothing, type Sources } from './sources.ts'

/** Where the folder of a PersistentVolumeClaim lies; undefined until it is bound. */
export interface ClaimFolders {
  pathOf(namespace: string, claim: string): string | undefined | Promise<string | undefined>
}

export interface VolumesInput {
  readonly pod: Pod
  readonly container: Container
  readonly sources: Sources
  readonly claims: ClaimFolders
  /** Volumes of this pod on disk. */
  readonly folder: string
  /** The same in memory where the machine has such a place: secrets never reach a disk. */
  readonly secretFolder: string
  /** Owner of what is made; undefined: ourselves. */
  readonly user: number | undefined
}

/** Makes the container's volumes on the machine and says which belongs where. */
export async function prepareVolumes(input: VolumesInput): Promise<Bind[]> {
  const binds: Bind[] = []
  for (const parent of [input.folder, input.secretFolder]) {
    makeExactFolder(parent, 0o711)
  }
  for (const mount of input.container.mounts) {
    const volume = input.pod.volumes.find(({ name }) => name === mount.name)
    if (!volume) throw new ConfigError(`volumeMount "${mount.name}" names no volume of this Pod`)
    const source = await prepareVolume(volume, input)
    const subPath = safePath(mount.subPath)
    const writable = volume.type === 'emptyDir' || volume.type === 'claim'
    if (writable && subPath !== '') makeFolders(source, subPath, input.user)
    const place = lstatSync(join(source, subPath), { throwIfNoEntry: false })
    if (!place) throw new ConfigError(`subPath ${subPath} does not exist in volume ${volume.name}`)
    if (writable && !place.isDirectory()) {
      throw new ConfigError(`subPath ${subPath} of volume ${volume.name} is not a folder`)
    }
    const readOnly = mount.readOnly || !writable || (volume.type === 'claim' && volume.readOnly)
    const isFile = !place.isDirectory()
    binds.push({
      source,
      subPath,
      isFile,
      target: normalize(mount.mountPath).replace(/(.)\/$/, '$1'),
      readOnly,
    })
  }
  makeInnerPlaces(binds, input.user)
  return binds
}

async function prepareVolume(volume: Volume, input: VolumesInput): Promise<string> {
  const { pod, claims, user } = input
  if (volume.type === 'emptyDir') return makeFolder(join(input.folder, volume.name), 0o700, user)
  if (volume.type === 'unsupported') {
    throw new ConfigError(`volume ${volume.name}: ${volume.given} is not supported on one machine`)
  }
  if (volume.type === 'claim') {
    const path = await claims.pathOf(pod.namespace, volume.claim)
    if (path !== undefined && existsSync(path)) return path
    throw new ConfigError(`persistentvolumeclaim "${volume.claim}" not found or not bound yet`)
  }
  const kind = volume.type === 'secret' ? 'Secret' : 'ConfigMap'
  const content = contentOrNothing(input.sources, {
    kind,
    name: volume.source,
    optional: volume.optional,
  })
  const parent = volume.type === 'secret' ? input.secretFolder : input.folder
  const folder = makeFolder(join(parent, volume.name), 0o700, user)
  // A secret's file is its owner's alone: group and others of a container are not those of a machine.
  const mode = volume.type === 'secret' ? volume.mode & 0o700 : volume.mode
  writeFiles(folder, filesOf(volume, content ?? new Map()), mode, user)
  // Of our own user it would keep out us, and whoever deletes the state directory; a program of ours may open it anyway.
  if (user !== undefined) chmodSync(folder, 0o500)
  return folder
}

type FileVolume = Extract<Volume, { type: 'secret' | 'configMap' }>

function filesOf(volume: FileVolume, content: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  if (volume.items.length === 0) return new Map(content)
  return new Map(
    volume.items.flatMap(({ key, path }) => {
      const value = content.get(key)
      if (value !== undefined) return [[safePath(path), value] as const]
      if (volume.optional) return []
      throw new ConfigError(`references non-existent key: ${key} in volume ${volume.name}`)
    }),
  )
}

/** Each file is replaced whole, so that a reader sees the old or the new; what is no longer named goes. */
function writeFiles(
  folder: string,
  files: ReadonlyMap<string, Buffer>,
  mode: number,
  user: number | undefined,
) {
  const kept = new Set([...files.keys()].map((path) => path.split('/')[0]))
  for (const name of readdirSync(folder)) {
    if (!kept.has(name)) removeTree(join(folder, name))
  }
  for (const [path, value] of files) {
    const place = { base: folder, path: dirname(path), ...(user !== undefined && { user }) }
    inVolume(place, (here) => writeFile(`${here}/${basename(path)}`, value, { mode, user }))
  }
}

/** By descriptors: what lies at a path of the tenant's folder may be another file the next moment. */
function writeFile(
  file: string,
  value: Buffer,
  { mode, user }: { readonly mode: number; readonly user: number | undefined },
) {
  if (holds(file, value)) return
  const path = `${file}.draft`
  removeTree(path)
  const draft = openSync(path, 'wx', 0o600)
  try {
    writeFileSync(draft, value)
    fchmodSync(draft, mode)
    if (user !== undefined) fchownSync(draft, user, user)
  } finally {
    closeSync(draft)
  }
  renameSync(path, file)
}

/** Whether just this stands there, in a file: a pipe would keep us waiting, a link lead elsewhere. */
function holds(path: string, value: Buffer): boolean {
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (!there?.isFile()) return false
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    const { size } = fstatSync(file)
    return size === value.length && readFileSync(file).equals(value)
  } finally {
    closeSync(file)
  }
}

/** A mount inside another mount needs a place there, as the outer one hides what the machine has. */
function makeInnerPlaces(binds: readonly Bind[], user: number | undefined): void {
  for (const inner of binds) {
    const outer = binds
      .filter(({ target }) => isBelow(target, inner.target))
      .toSorted((one, other) => other.target.length - one.target.length)[0]
    if (!outer) continue
    const path = inner.target.slice(outer.target.length + 1)
    if (existsSync(join(outer.source, outer.subPath, path))) continue
    if (inner.isFile || outer.readOnly) {
      throw new ConfigError(`mountPath ${inner.target} does not exist in the volume around it`)
    }
    makeFolders(outer.source, join(outer.subPath, path), user)
  }
}

function makeFolders(base: string, path: string, user: number | undefined): void {
  inVolume({ base, path, ...(user !== undefined && { user }) }, () => undefined)
}

function inVolume<T>(place: Parameters<typeof inFolder>[0], work: (here: string) => T): T {
  try {
    return inFolder(place, work)
  } catch (error) {
    throw error instanceof NoFolderError ? new ConfigError(error.message) : error
  }
}

/** Where nobody else may write: beside what we keep ourselves. */
function makeFolder(path: string, mode: number, user: number | undefined): string {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  if (user !== undefined) chownSync(path, user, user)
  chmodSync(path, mode)
  return path
}

/** A path inside a volume, as Kubernetes allows it: relative and without `..`. */
function safePath(path: string): string {
  if (path.startsWith('/') || path.split('/').includes('..')) {
    throw new ConfigError(`path ${path} must be relative and must not contain ".."`)
  }
  return normalize(path).replace(/^\.$/, '').replace(/\/$/, '')
}
