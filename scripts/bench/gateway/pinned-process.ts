import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { compiledCode } from '../compiled-code.ts'

/** The proxy has a core of its own; backend and client share the other, as in the comparison figures of others. */
export const proxyCore = 0
export const otherCore = 1

export interface PinnedProcess extends AsyncDisposable {
  readonly pid: number
  /** The first line on its standard output. */
  readonly firstLine: Promise<string>
  /** Sends a word by IPC and waits for the answer; only of a program that was started with `ipc`. */
  ask(word: string): Promise<void>
}

export interface PinnedOptions {
  /** Of others' programs: what they tell of broken connections at the end of a load is no news. */
  readonly quiet?: boolean
  readonly ipc?: boolean
  readonly cwd?: string
}

/** A program on one core; it ends with its holder. */
export function startPinned(
  core: number,
  command: readonly string[],
  { quiet = false, ipc = false, cwd }: PinnedOptions = {},
): PinnedProcess {
  const child = spawn('taskset', ['-c', String(core), ...command], {
    stdio: ['ignore', 'pipe', quiet ? 'ignore' : 'inherit', ...(ipc ? ['ipc' as const] : [])],
    cwd,
    env: { ...process.env, ...compiledCode, GOMAXPROCS: '1' },
  })
  if (child.pid === undefined) throw new Error(`cannot start ${command[0]}`)
  return {
    pid: child.pid,
    firstLine: firstLineOf(child),
    async ask(word) {
      const answered = once(child, 'message')
      child.send(word)
      await answered
    },
    [Symbol.asyncDispose]: () => end(child),
  }
}

function firstLineOf({ stdout }: ChildProcess): Promise<string> {
  const line = new Promise<string>((resolve, reject) => {
    if (!stdout) return resolve('')
    createInterface({ input: stdout })
      .once('line', resolve)
      .once('close', () => reject(new Error('the program ended without a word')))
  })
  // Nobody may ask for it.
  line.catch(() => {})
  return line
}

async function end(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await exited
  clearTimeout(late)
}

/** User and system time of a process so far. */
export function cpuMicros(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // After the name, which may hold spaces: state is field 3, utime 14, stime 15, in ticks of 10 ms.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

export function rssMiB(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib) / 1024
}
