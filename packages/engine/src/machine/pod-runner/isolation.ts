import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Cgroups, ownCgroups } from './cgroup.ts'

const run = promisify(execFile)

/** What this machine lets us do to keep containers apart; found out once, by trying. */
export interface Isolation {
  /** Containers run as the user of their namespace. */
  readonly ownUsers: boolean
  /** Containers have their own mounts, so volumes lie at their mountPath. */
  readonly ownMounts: boolean
  readonly cgroups: Cgroups
}

/** Tries what isolation needs; being root is not enough inside many containers. */
export async function detectIsolation(): Promise<Isolation> {
  const ownUsers = await works('setpriv', [
    '--reuid',
    '65534',
    '--regid',
    '65534',
    '--clear-groups',
    '--inh-caps=-all',
    '--no-new-privs',
    'true',
  ])
  const bind = 'mount --bind / /mnt'
  const ownMounts =
    ownUsers &&
    (await works('unshare', ['--mount', '--propagation', 'slave', '--', '/bin/sh', '-c', bind]))
  return { ownUsers, ownMounts, cgroups: ownCgroups() }
}

async function works(file: string, args: readonly string[]): Promise<boolean> {
  return run(file, args, { timeout: 5000 }).then(
    () => true,
    () => false,
  )
}
