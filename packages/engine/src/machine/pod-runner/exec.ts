import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { coverDescriptors } from './inherited-descriptors.ts'
import type { Run } from './journal.ts'
import { makeLaunch } from './launch.ts'

export interface ExecInput {
  readonly run: Run
  readonly ownMounts: boolean
  readonly workingDir: string | undefined
  readonly command: readonly string[]
}

/** Runs a command beside a container's process: its mounts, user, groups and environment. Its output is not kept. */
export async function execInContainer(input: ExecInput, signal: AbortSignal): Promise<number> {
  const { run, ownMounts, command, workingDir } = input
  const pid = run.process?.pid
  if (pid === undefined) throw new Error('the container has no process of its own')
  const groups = run.cgroups.filter((group) => existsSync(join(group, 'cgroup.procs')))
  const launch = makeLaunch({
    token: run.token,
    gate: undefined,
    cgroups: groups,
    mounts: undefined,
    user: run.user,
    ...(ownMounts && { mountsOf: pid }),
    workingDir,
    variables: environmentOf(pid),
    command,
  })
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const { cover, close } = coverDescriptors()
  const child = spawn(launch.file, launch.args, {
    cwd: '/',
    env: { ...launch.env },
    stdio: ['ignore', 'ignore', 'ignore', ...cover],
    detached: true,
  })
  close()
  child.once('error', reject)
  child.once('exit', (code) => resolve(code ?? 137))
  const end = () => {
    if (child.pid !== undefined) killGroup(child.pid)
  }
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  return promise.finally(() => signal.removeEventListener('abort', end))
}

/** The variables the process was started with, less our own. */
function environmentOf(pid: number): ReadonlyMap<string, string> {
  const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean)
  return new Map(
    entries.flatMap((entry) => {
      const [name = '', ...rest] = entry.split('=')
      return name === 'PULSE_START' ? [] : [[name, rest.join('=')] as const]
    }),
  )
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended in between.
  }
}
