export interface Privileges {
  /** Absent: our own. */
  readonly user: number | undefined
  readonly mountsOf?: number
}

/**
 * What is run from here on is the container's, and has its rights only. The mounts of one that runs are whatever its
 * programs have made of them, `/bin/sh` among them: they are entered with nothing left that they could use, and no
 * program that gains rights (setuid) gains any.
 */
export function withoutPrivileges({ user, mountsOf }: Privileges): string {
  if (user === undefined) return 'setpriv --no-new-privs'
  if (mountsOf === undefined) {
    return `setpriv --reuid ${user} --regid ${user} --clear-groups --inh-caps=-all --no-new-privs`
  }
  const enter = `nsenter --mount=/proc/${mountsOf}/ns/mnt --setuid ${user} --setgid ${user} --`
  return `setpriv --clear-groups --inh-caps=-all --no-new-privs ${enter}`
}
