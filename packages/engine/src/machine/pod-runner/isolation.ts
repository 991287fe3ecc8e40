import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Cgroups, ownCgroups, writableControllers } from './cgroup.ts'
import { isFirewallUsable } from './firewall.ts'

const run = promisify(execFile)

/** What this machine lets us do to keep containers apart; found out once, by trying. */
export interface Isolation {
  /** Containers run as the user of their namespace. */
  readonly ownUsers: boolean
  /** Containers have their own mounts, so volumes lie at their mountPath. */
  readonly ownMounts: boolean
  /** Among them a `/dev/shm`; some containers let root bind folders and mount nothing else. */
  readonly ownSharedMemory: boolean
  readonly cgroups: Cgroups
}

/** What isolation would be, for people who ask before anything is started. */
export interface IsolationOutlook {
  readonly ownUsers: boolean
  readonly firewall: boolean
  /** Of `memory`, `cpu` and `pids`, those that can be limited. */
  readonly controllers: readonly string[]
}

/** Tries what can be tried without changing anything. */
export async function examineIsolation(): Promise<IsolationOutlook> {
  const [ownUsers, firewall] = await Promise.all([canChangeUsers(), isFirewallUsable()])
  return { ownUsers, firewall, controllers: writableControllers() }
}

/** Tries what isolation needs; being root is not enough inside many containers. */
export async function detectIsolation(): Promise<Isolation> {
  const ownUsers = await canChangeUsers()
  const ownMounts = ownUsers && (await canMount('--bind / /mnt'))
  const ownSharedMemory =
    ownMounts && (await canMount('-t tmpfs -o size=4096,nr_inodes=2,mode=1777 pulse /dev/shm'))
  return { ownUsers, ownMounts, ownSharedMemory, cgroups: ownCgroups() }
}

function canMount(what: string): Promise<boolean> {
  const script = ['/bin/sh', '-c', `mount ${what}`]
  return works('unshare', ['--mount', '--propagation', 'slave', '--', ...script])
}

function canChangeUsers(): Promise<boolean> {
  return works('setpriv', [
    '--reuid',
    '65534',
    '--regid',
    '65534',
    '--clear-groups',
    '--inh-caps=-all',
    '--no-new-privs',
    'true',
  ])
}

async function works(file: string, args: readonly string[]): Promise<boolean> {
  return run(file, args, { timeout: 5000 }).then(
    () => true,
    () => false,
  )
}
