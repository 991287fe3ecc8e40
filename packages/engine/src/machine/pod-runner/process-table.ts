import { readdirSync, readFileSync } from 'node:fs'

/** Names one process for ever (until the machine starts anew): pids are reused, a pid with its start time is not. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks since boot: field 22 of `/proc/PID/stat`. */
  readonly startTicks: number
}

interface ProcessStat extends ProcessIdentity {
  /** A zombie whose threads have all ended; only its parent has not looked yet. */
  readonly hasEnded: boolean
  readonly session: number
}

/** Reads one line of `/proc/PID/stat`; the command's name may hold spaces and brackets, so fields count from its end. */
export function parseStat(line: string): ProcessStat | undefined {
  const rest = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const pid = Number.parseInt(line, 10)
  const startTicks = Number(rest[19])
  if (!Number.isInteger(pid) || !Number.isInteger(startTicks)) return undefined
  const [state = ''] = rest
  // A process whose main thread has ended looks like a zombie as well, and runs for as long as any other thread does.
  const hasEnded = state === 'X' || (state === 'Z' && Number(rest[17]) <= 1)
  return { pid, startTicks, hasEnded, session: Number(rest[3]) }
}

/** Undefined: there is no such process. Throws when that cannot be told, as with no descriptor left to ask with. */
export function statOf(pid: number): ProcessStat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // It may end between the opening and the reading.
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}

/** Whether this very process still runs; throws when that cannot be told. */
export function isAlive({ pid, startTicks }: ProcessIdentity): boolean {
  const stat = statOf(pid)
  return stat?.startTicks === startTicks && !stat.hasEnded
}

/**
 * All living processes of a container: those of its leader's session, and those that left it but still carry the token
 * of their start in their environment. When the leader's pid is another's by now, so is the session of that number.
 */
export function processesOf(leader: ProcessIdentity | undefined, token: string): ProcessIdentity[] {
  const now = leader && statOf(leader.pid)
  const isReused = now !== undefined && now.startTicks !== leader?.startTicks
  const session = isReused ? undefined : leader?.pid
  const mark = `PULSE_START=${token}`
  return livingOthers().filter(
    (stat) => stat.session === session || environOf(stat.pid).includes(mark),
  )
}

/** All living processes that this user has started, whatever they have become since. */
export function processesOfUser(user: number): ProcessIdentity[] {
  return livingOthers().filter(({ pid }) => realUserOf(pid) === user)
}

/** Living processes that were started for a container and name this folder in their environment. */
export function startedIn(folder: string): number[] {
  return livingOthers()
    .map(({ pid }) => pid)
    .filter((pid) => {
      const environment = environOf(pid)
      const isContainer = environment.some((entry) => entry.startsWith('PULSE_START='))
      return isContainer && environment.some((entry) => entry.includes(`${folder}/`))
    })
}

/** Living processes by the session that they belong to. */
export type Sessions = ReadonlyMap<number, readonly number[]>

export function sessionsNow(): Sessions {
  const sessions = new Map<number, number[]>()
  for (const stat of living()) {
    const members = sessions.get(stat.session)
    if (members) members.push(stat.pid)
    else sessions.set(stat.session, [stat.pid])
  }
  return sessions
}

function living(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? [])
    .filter(({ hasEnded }) => !hasEnded)
}

function livingOthers(): ProcessStat[] {
  return living().filter(({ pid }) => pid !== process.pid)
}

/** Sends a signal, unless the process has ended and its pid may be another's. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(identity)) return
  try {
    process.kill(identity.pid, signal)
  } catch {
    // It ended in between.
  }
}

/** The one that a process without rights cannot change. */
function realUserOf(pid: number): number | undefined {
  try {
    const user = /^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return user === undefined ? undefined : Number(user)
  } catch {
    return undefined
  }
}

function environOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    return []
  }
}

/** Changes with every start of the machine: no process of an older one can be alive. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}
