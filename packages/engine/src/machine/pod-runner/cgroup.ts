import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { type Controller, cgroupWrites, type Limits } from './cgroup-limits.ts'

/** Where one controller can be used by us. */
interface Hierarchy {
  readonly version: 1 | 2
  readonly controllers: readonly Controller[]
  readonly folder: string
}

/** The control groups of containers; a machine without writable ones has no hierarchies, and says so per limit. */
export interface Cgroups {
  readonly controllers: readonly Controller[]
  /** Makes the container's groups and writes its limits; the folders to join. */
  prepare(name: string, limits: Limits): string[]
}

const wanted: readonly Controller[] = ['memory', 'cpu', 'pids']
/** Where Pulse itself goes when it must leave the group whose controllers it hands down (systemd: `DelegateSubgroup=`). */
const supervisorGroup = 'supervisor'

export const noCgroups: Cgroups = { controllers: [], prepare: () => [] }

/** Finds what is writable: version 2 if its controllers are there, else the hierarchies of version 1. */
export function detectCgroups(mounts: string, own: string): Cgroups {
  const hierarchies = [...unified(mounts, own), ...legacy(mounts, own)]
  const controllers = wanted.filter((controller) =>
    hierarchies.some((hierarchy) => hierarchy.controllers.includes(controller)),
  )
  return {
    controllers,
    prepare: (name, limits) =>
      hierarchies.map((hierarchy) => prepareFolder(hierarchy, `pulse-${name}`, limits)),
  }
}

/** `detectCgroups` for this process. */
export function ownCgroups(): Cgroups {
  return detectCgroups(...ownFacts())
}

/** What this process may limit, as far as can be told without changing anything. */
export function writableControllers([mounts, own] = ownFacts()): readonly Controller[] {
  const found = [unifiedFolder(mounts, own) ?? [], legacy(mounts, own)].flat()
  return wanted.filter((one) => found.some(({ controllers }) => controllers.includes(one)))
}

function ownFacts(): [mounts: string, own: string] {
  return [readFileSync('/proc/self/mountinfo', 'utf8'), readFileSync('/proc/self/cgroup', 'utf8')]
}

function prepareFolder({ version, controllers, folder }: Hierarchy, name: string, limits: Limits) {
  const group = join(folder, name)
  mkdirSync(group, { recursive: true })
  for (const controller of controllers) {
    for (const { file, value, optional } of cgroupWrites(version, controller, limits)) {
      if (optional && !existsSync(join(group, file))) continue
      writeFileSync(join(group, file), value)
    }
  }
  return group
}

/** The processes in these groups. */
export function processesIn(groups: readonly string[]): number[] {
  const pids = groups.flatMap((group) => linesOf(join(group, 'cgroup.procs')).map(Number))
  return [...new Set(pids)]
}

/** How often the kernel ended a process there for want of memory. */
export function oomKills(groups: readonly string[]): number {
  const lines = groups.flatMap((group) => [
    ...linesOf(join(group, 'memory.events')),
    ...linesOf(join(group, 'memory.oom_control')),
  ])
  return lines
    .map((line) => /^oom_kill (\d+)$/.exec(line)?.[1])
    .reduce((sum, count) => sum + Number(count ?? 0), 0)
}

/** Removes empty groups; one that still has a process stays and is tried again with the pod. */
export function removeGroups(groups: readonly string[]): void {
  for (const group of groups) {
    try {
      rmdirSync(group)
    } catch {
      // Gone already, or its last process is still being reaped.
    }
  }
}

function unified(mounts: string, own: string): Hierarchy[] {
  const found = unifiedFolder(mounts, own)
  return found && handDown(found.folder, found.controllers) ? [found] : []
}

/** Where version 2 may hand controllers down. */
function unifiedFolder(mounts: string, own: string): Hierarchy | undefined {
  const mount = mountsOf(mounts, 'cgroup2')[0]
  const path = /^0::(.*)$/m.exec(own)?.[1]
  if (mount === undefined || path === undefined) return undefined
  const inside = folderOf(mount.point, path)
  const folder = inside.endsWith(`/${supervisorGroup}`) ? dirname(inside) : inside
  const offered = (linesOf(join(folder, 'cgroup.controllers'))[0] ?? '').split(' ')
  const controllers = wanted.filter((controller) => offered.includes(controller))
  const isUsable = [folder, join(folder, 'cgroup.subtree_control')].every(isWritable)
  return controllers.length > 0 && isUsable ? { version: 2, controllers, folder } : undefined
}

/** Version 2 hands controllers down only from a group without processes, so Pulse may first have to move aside. */
function handDown(folder: string, controllers: readonly Controller[]): boolean {
  const control = join(folder, 'cgroup.subtree_control')
  const enable = () => {
    writeFileSync(control, controllers.map((controller) => `+${controller}`).join(' '))
    return true
  }
  try {
    return enable()
  } catch {
    // Processes are in the way.
  }
  try {
    const aside = join(folder, supervisorGroup)
    mkdirSync(aside, { recursive: true })
    for (const pid of processesIn([folder])) writeFileSync(join(aside, 'cgroup.procs'), String(pid))
    return enable()
  } catch {
    return false
  }
}

function legacy(mounts: string, own: string): Hierarchy[] {
  return mountsOf(mounts, 'cgroup').flatMap(({ point, options }) => {
    const controllers = wanted.filter((controller) => options.includes(controller))
    const line = own.split('\n').find((text) =>
      text
        .split(':')[1]
        ?.split(',')
        .includes(controllers[0] ?? ''),
    )
    if (controllers.length === 0 || line === undefined) return []
    const folder = folderOf(point, line.split(':').slice(2).join(':'))
    return isWritable(folder) ? [{ version: 1 as const, controllers, folder }] : []
  })
}

function mountsOf(mountinfo: string, type: string) {
  return mountinfo.split('\n').flatMap((line) => {
    const [mount = '', filesystem = ''] = line.split(' - ')
    const [name, , options = ''] = filesystem.split(' ')
    const point = mount.split(' ')[4]
    return name === type && point !== undefined ? [{ point, options: options.split(',') }] : []
  })
}

/** Inside a container the path may be that of the host: then the mount itself is our group. */
function folderOf(mountPoint: string, path: string): string {
  const folder = join(mountPoint, path)
  return existsSync(folder) ? folder : mountPoint
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean)
  } catch {
    return []
  }
}
