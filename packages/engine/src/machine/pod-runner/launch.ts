import { join } from 'node:path'
import { mostProcesses } from './cgroup-limits.ts'
import type { MountPlan } from './mount-script.ts'
import { mountScript, quote } from './mount-script.ts'
import { withoutPrivileges } from './privileges.ts'

export interface LaunchInput {
  /** Names this start; the container's processes carry it in their environment. */
  readonly token: string
  /** Folder of the gate and the birth certificate; absent: nobody has to take it over. */
  readonly gate: string | undefined
  readonly cgroups: readonly string[]
  /** Absent: the process keeps our mounts. */
  readonly mounts: MountPlan | undefined
  /** Absent: the process keeps our user. */
  readonly user: number | undefined
  /** A process of the container, whose mounts it gets; only with a user of its own. */
  readonly mountsOf?: number
  readonly workingDir: string | undefined
  readonly variables: ReadonlyMap<string, string>
  readonly command: readonly string[]
}

export interface Launch {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** A container that could not be set up, as opposed to one whose program ended so. */
export const setupFailedCode = 125

export function gateFile(folder: string, token: string): string {
  return join(folder, token)
}

export function birthFile(folder: string, token: string): string {
  return join(folder, `${token}.born`)
}

/**
 * The chain of programs that becomes the container, each replacing the last in one process: `unshare` (own mounts),
 * a shell as root, `setpriv` (own user), a shell as that user, the program.
 *
 * The first shell writes its own line of `/proc/PID/stat` and then goes on only if its gate still stands. Whoever
 * takes over from a Pulse that was killed removes the gate and then reads the line: either the process is named
 * there, or it will find no gate and end. So none is lost and none runs twice, wherever the kill struck.
 *
 * The container's variables travel under names of our own until the user is dropped: `LD_PRELOAD` and its like must
 * not reach a program that runs as root. They never stand on a command line.
 */
export function makeLaunch(input: LaunchInput): Launch {
  const { token, mounts, command, variables } = input
  const first = [
    'set -e',
    `trap 'exit ${setupFailedCode}' EXIT`,
    'umask 077',
    'ulimit -c 0',
    ...(input.gate === undefined ? [] : passGate(input.gate, token)),
    ...input.cgroups.map((group) => `echo $$ > ${quote(join(group, 'cgroup.procs'))}`),
    ...(mounts ? mountScript(mounts) : []),
    ...(input.user === undefined ? [] : [boundProcesses]),
    `exec ${withoutPrivileges(input)} /bin/sh -c ${quote(secondScript(input))} pulse "$@"`,
  ].join('\n')
  const shell = ['/bin/sh', '-c', first, 'pulse', ...command]
  const chain = mounts ? ['unshare', '--mount', '--propagation', 'slave', '--', ...shell] : shell
  const [file = '', ...args] = chain
  const carried = [...variables].map(([name, value], index) => [
    `PULSE_ENV_${index}`,
    `${name}=${value}`,
  ])
  return {
    file,
    args,
    env: { PATH: systemPath, PULSE_START: token, ...Object.fromEntries(carried) },
  }
}

/** Shells do not agree on the letter. Our own user's processes are not bounded: they are not the container's alone. */
const boundProcesses = `ulimit -u ${mostProcesses} 2> /dev/null || ulimit -p ${mostProcesses}`

function passGate(folder: string, token: string): string[] {
  return [
    'read -r born < /proc/$$/stat',
    `printf '%s\\n' "$born" > ${quote(birthFile(folder, token))}`,
    `[ -e ${quote(gateFile(folder, token))} ] || exit ${setupFailedCode}`,
  ]
}

/** What a program finds when its image says nothing else. */
export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

function secondScript({ variables, workingDir }: LaunchInput): string {
  return [
    'unset PATH OLDPWD',
    'i=0',
    `while [ $i -lt ${variables.size} ]; do`,
    '  eval "export \\"\\$PULSE_ENV_$i\\"; unset PULSE_ENV_$i"; i=$((i+1))',
    'done',
    `cd ${quote(workingDir ?? '/')} || exit ${setupFailedCode}`,
    'unset i PWD OLDPWD',
    'exec "$@"',
  ].join('\n')
}
