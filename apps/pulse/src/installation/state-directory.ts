import { randomUUID } from 'node:crypto'
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The folders and files of one installation; two installations share nothing but the machine. */
export interface StateDirectory {
  readonly root: string
  /** Made once, kept for good. */
  readonly id: string
  readonly paths: StatePaths
}

export interface StatePaths {
  /** Our server-wide add-ons, where every tenant's user can read them. */
  readonly addons: string
  readonly authority: string
  /** How tenants slept and woke: figures that outlive a restart. */
  readonly figures: string
  /** What the gateway has learnt of each environment's visitors. */
  readonly histories: string
  readonly kubeconfig: string
  readonly lock: string
  readonly log: string
  readonly pods: string
  /** Programs that workers find first: what they print reports with, and what seals them. */
  readonly programs: string
  /** What the running server says of itself, for other commands. */
  readonly running: string
  readonly runtimes: string
  /** The stand-in Odoo, where every tenant's user can read it. */
  readonly standIn: string
  readonly templates: string
  readonly token: string
  readonly tombstones: string
  readonly volumes: string
}

/** Opens the state directory and makes what is missing; safe to repeat, also by two at once. */
export async function openStateDirectory(root: string): Promise<StateDirectory> {
  const paths = statePaths(root)
  try {
    // Others may pass through: PostgreSQL and tenants run as users of their own. They cannot list it.
    await makeFolder(root, 0o711)
    await makeFolder(paths.authority, 0o700)
    const { pods, volumes, templates, tombstones, runtimes } = paths
    for (const folder of [pods, volumes, templates, tombstones, runtimes]) {
      await makeFolder(folder, 0o711)
      // Whatever the umask: interpreters and files that tenants read lie below.
      await chmod(folder, 0o711)
    }
    return { root, id: await readOrMakeId(join(root, 'installation-id')), paths }
  } catch (error) {
    throw new Error(
      `cannot use the state directory ${root}: choose another with --state DIR or PLANA_STATE_DIR`,
      { cause: error },
    )
  }
}

export function statePaths(root: string): StatePaths {
  const at = (name: string) => join(root, name)
  return {
    addons: at('addons'),
    authority: at('ca'),
    figures: at('life-figures.json'),
    histories: at('histories'),
    kubeconfig: at('kubeconfig'),
    lock: at('pulse.lock'),
    log: at('pulse.log'),
    pods: at('pods'),
    programs: at('programs'),
    running: at('running.json'),
    runtimes: at('runtimes'),
    standIn: at('stand-in'),
    templates: at('templates'),
    token: at('token'),
    tombstones: at('.tombstones'),
    volumes: at('volumes'),
  }
}

/**
 * Writes a file so that a reader sees the old text or the new, never half of it: the old one stays where it fails or
 * is broken off by the signal.
 */
export async function writeFileAtomically(path: string, text: string, signal?: AbortSignal) {
  const half = `${path}.${process.pid}.${randomUUID().slice(0, 8)}`
  try {
    await writeFile(half, text, { mode: 0o600, flush: true, ...(signal && { signal }) })
    signal?.throwIfAborted()
    await rename(half, path)
  } catch (error) {
    await rm(half, { force: true }).catch(() => undefined)
    throw error
  }
}

/**
 * Makes a folder and those above it that are missing, one by one: the `recursive` of Node tries for ever where the
 * kernel calls a folder missing that cannot be made, as below /proc.
 */
async function makeFolder(path: string, mode: number): Promise<void> {
  if (await isFolder(path)) return
  const above = dirname(path)
  if (above !== path) await makeFolder(above, mode)
  try {
    await mkdir(path, { mode })
  } catch (error) {
    // Another one may have made it meanwhile.
    if (!(await isFolder(path))) throw error
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

async function readOrMakeId(path: string): Promise<string> {
  try {
    await writeFile(path, `${randomUUID()}\n`, { flag: 'wx', mode: 0o644, flush: true })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return (await readFile(path, 'utf8')).trim()
}
