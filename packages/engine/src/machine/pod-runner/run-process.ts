import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { processesIn } from './cgroup.ts'
import { coverDescriptors } from './inherited-descriptors.ts'
import type { Run } from './journal.ts'
import { birthFile, gateFile, type Launch } from './launch.ts'
import { openLogFile } from './log-file.ts'
import {
  isAlive,
  type ProcessIdentity,
  parseStat,
  processesOf,
  signalProcess,
  statOf,
} from './process-table.ts'

/** How a process ended; a code that nobody could read is `unknown`. */
export type Exit = { readonly code: number } | 'unknown'

export interface LiveProcess {
  readonly identity: ProcessIdentity
  readonly exited: Promise<Exit>
}

/** An adopted process is no child of ours: the kernel tells us nothing, so we look this often. */
const adoptedPollMs = 250

/** Starts a process in a session of its own that outlives us, with nothing of ours open but its log. */
export async function startProcess(launch: Launch, logPath: string): Promise<LiveProcess> {
  const log = openLogFile(logPath)
  const { cover, close } = coverDescriptors()
  try {
    const child = spawn(launch.file, launch.args, {
      cwd: '/',
      env: { ...launch.env },
      detached: true,
      stdio: ['ignore', log, log, ...cover],
    })
    const exited = exitOf(child)
    const stat = child.pid === undefined ? undefined : statOf(child.pid)
    child.unref()
    if (stat) return { identity: { pid: stat.pid, startTicks: stat.startTicks }, exited }
    await exited
    throw new Error(`cannot start ${launch.file}`)
  } finally {
    closeSync(log)
    close()
  }
}

/** 128 + the signal's number, as a shell and Kubernetes count. */
function exitOf(child: ChildProcess): Promise<Exit> {
  const { promise, resolve, reject } = Promise.withResolvers<Exit>()
  child.once('error', (error) =>
    reject(new Error(`cannot start: ${error.message}`, { cause: error })),
  )
  child.once('exit', (code, signal) => resolve({ code: code ?? 128 + signalNumber(signal) }))
  promise.catch(() => undefined)
  return promise
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : constants.signals[signal]
}

/** Watches a process that another Pulse has started, until the signal. */
export function adoptProcess(identity: ProcessIdentity, signal: AbortSignal): LiveProcess {
  const { promise, resolve } = Promise.withResolvers<Exit>()
  const timer = setInterval(() => {
    if (mayBeAlive(identity)) return
    clearInterval(timer)
    resolve('unknown')
  }, adoptedPollMs)
  timer.unref()
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
  return { identity, exited: promise }
}

/** Who cannot be asked about is asked about again later: taken for ended, a worker that serves would be started anew. */
function mayBeAlive(identity: ProcessIdentity): boolean {
  try {
    return isAlive(identity)
  } catch {
    return true
  }
}

/** What became of a run that a killed Pulse had begun. */
export type Inherited =
  | { readonly type: 'alive'; readonly identity: ProcessIdentity }
  | { readonly type: 'never-ran' }
  | { readonly type: 'ended' }

/**
 * Takes over a run. The gate goes first: from then on a process that has not yet told its identity will not go on
 * (see `makeLaunch`), so what is read afterwards is final.
 */
export function inheritRun(folder: string, run: Run): Inherited {
  closeGate(folder, run.token)
  const identity = run.process ?? readBirth(folder, run.token)
  if (!identity) return { type: 'never-ran' }
  return isAlive(identity) ? { type: 'alive', identity } : { type: 'ended' }
}

export function openGate(folder: string, token: string): void {
  writeFileSync(gateFile(folder, token), '', { mode: 0o600 })
}

export function closeGate(folder: string, token: string): void {
  rmSync(gateFile(folder, token), { force: true })
}

export function removeTraces(folder: string, token: string): void {
  closeGate(folder, token)
  rmSync(birthFile(folder, token), { force: true })
}

function readBirth(folder: string, token: string): ProcessIdentity | undefined {
  const file = birthFile(folder, token)
  const stat = existsSync(file) ? parseStat(readFileSync(file, 'utf8')) : undefined
  return stat && { pid: stat.pid, startTicks: stat.startTicks }
}

/** How long a killed process may take: the kernel gives back much memory, or waits for a slow disk. */
const killSeconds = 10

/** Ends all that is left of a run, whatever it has become. False when something lives that not even SIGKILL ends now. */
export async function killAll(run: Run): Promise<boolean> {
  return run.type === 'task' || untilKilled(() => livingProcesses(run))
}

/** Kills what is found until nothing is; false when something still is after some seconds. */
export async function untilKilled(find: () => readonly ProcessIdentity[]): Promise<boolean> {
  for (let round = 0; round < killSeconds * 100; round += 1) {
    const left = find()
    if (left.length === 0) return true
    for (const identity of left) signalProcess(identity, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return false
}

/** All that lives of a run: its cgroup says what belongs to it, else its session. */
export function livingProcesses(run: Run): ProcessIdentity[] {
  if (!hasGroups(run)) return processesOf(run.process, run.token)
  return processesIn(run.cgroups).flatMap((pid) => {
    const stat = statOf(pid)
    return stat && isAlive(stat) ? [stat] : []
  })
}

/** Whether the kernel keeps its processes together, whatever they do. */
export function hasGroups({ cgroups }: Run): boolean {
  return cgroups.some((group) => existsSync(join(group, 'cgroup.procs')))
}
