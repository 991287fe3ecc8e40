import { mostProcesses } from './cgroup-limits.ts'
import type { LaunchInput } from './launch.ts'
import { birthFile, gateFile } from './launch.ts'
import { type MountPlan, outerFirst } from './mount-script.ts'
import type { ProcessIdentity } from './process-table.ts'

/** Has a program loaded, and starts containers of its image as forks of itself, confined as a plain start would. */
export interface ForkServer {
  /** Why it does not fork now, in one stable line; undefined: it does. */
  problem(): ForkProblem | undefined
  /**
   * Resolves once the fork has passed its gate. A rejection says nothing of the fork: its certificate of birth does.
   */
  fork(request: ForkRequest, signal: AbortSignal): Promise<ForkedProcess>
}

export interface ForkProblem {
  /** CamelCase. */
  readonly reason: string
  readonly message: string
  /** It will pass by itself in a moment, so nobody needs to hear of it. */
  readonly isPassing: boolean
}

/** Everything a fork needs; nothing is inherited from us. */
export interface ForkRequest {
  readonly token: string
  /** The fork writes its line of `/proc/PID/stat` to `birth`, and then goes on only if `gate` still stands. */
  readonly gate: string
  readonly birth: string
  /** An existing file, for standard output and error: opened to append, before the user is changed. */
  readonly log: string
  readonly cgroups: readonly string[]
  /** To be carried out as root in a mount namespace of its own, in this order; undefined: it keeps our mounts. */
  readonly mounts: MountPlan | undefined
  /** Undefined: it keeps our user. */
  readonly user: number | undefined
  /** So many processes that user may have; undefined with `user`. */
  readonly mostProcesses: number | undefined
  readonly workingDir: string
  readonly variables: ReadonlyMap<string, string>
  readonly command: readonly string[]
}

export interface ForkedProcess {
  readonly identity: ProcessIdentity
  /** As a shell counts; undefined when whoever would know has died before. */
  readonly exited: Promise<number | undefined>
}

/** The same start as `makeLaunch` makes of it, as a request. */
export function makeForkRequest(input: LaunchInput & { gate: string; log: string }): ForkRequest {
  const { token, gate, log, cgroups, mounts, user, workingDir, variables, command } = input
  return {
    token,
    gate: gateFile(gate, token),
    birth: birthFile(gate, token),
    log,
    cgroups,
    mounts: mounts && outerFirst(mounts),
    user,
    mostProcesses: user === undefined ? undefined : mostProcesses,
    workingDir: workingDir ?? '/',
    variables,
    command,
  }
}
