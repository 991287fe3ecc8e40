import { execFile, spawn } from 'node:child_process'

/** How another program is run: always with a time limit, always stoppable. */
export interface ProgramOptions {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  readonly cwd?: string | undefined
  /** The whole environment of the program; without it, ours. */
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly account?: Account | undefined
  /** Written to its standard input. */
  readonly input?: string | undefined
}

/** An operating system user that a program runs as. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** A program ended badly, or not in time; the message carries the end of what it said. */
export class ProgramError extends Error {
  readonly output: string
  /** Its own, or 127 as shells say of a program that is missing; undefined when it was stopped. */
  readonly exitCode: number | undefined

  constructor(program: string, reason: string, { output, exitCode, cause }: ProgramEnd) {
    const said = output.trim().split('\n').slice(-12).join('\n')
    super(`${program} ${reason}${said === '' ? '' : `:\n${said}`}`, { cause })
    this.name = 'ProgramError'
    this.output = output
    this.exitCode = exitCode
  }
}

interface ProgramEnd {
  readonly output: string
  readonly exitCode?: number | undefined
  readonly cause?: unknown
}

export const missingCode = 127

/** Whether a program itself said no, and not for want of room: asked the same again, it would say the same. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ProgramError && error.exitCode !== undefined && !lacksRoom(error.output)
}

/** A full disk may have room by the next attempt. */
export function lacksRoom(said: string): boolean {
  return said.includes('No space left on device')
}

/** Runs a program to its end and gives its standard output. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      file,
      [...args],
      {
        cwd: options.cwd,
        env: options.env,
        signal: options.signal,
        timeout: options.timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: 64 * 1024 * 1024,
        ...identity(options.account),
      },
      (error, stdout, stderr) => {
        if (error === null) return resolve(stdout)
        const reason =
          error.killed === true ? `did not end within ${options.timeoutMs} ms` : 'failed'
        const spawnFailure = typeof error.code === 'string' ? error.message : ''
        const output = `${stdout}${stderr}${spawnFailure}`
        // Its own message repeats the output, and tells every argument.
        reject(new ProgramError(file, reason, { output, exitCode: exitCodeOf(error) }))
      },
    )
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(options.input ?? '')
  })
}

/** Runs a program that takes minutes, giving each line it says as it comes. */
export function runWithProgress(
  file: string,
  args: readonly string[],
  options: ProgramOptions & { readonly onLine: (line: string) => void },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const limit = AbortSignal.timeout(options.timeoutMs)
    const child = spawn(file, [...args], {
      cwd: options.cwd,
      env: options.env,
      signal: options.signal === undefined ? limit : AbortSignal.any([limit, options.signal]),
      killSignal: 'SIGKILL',
      stdio: ['pipe', 'pipe', 'pipe'],
      ...identity(options.account),
    })
    let output = ''
    child.on('error', (error) =>
      reject(new ProgramError(file, 'was stopped', { output, cause: error })),
    )
    // Where no process could be made there are no pipes either.
    if (child.pid === undefined) return
    let rest = ''
    const hear = (chunk: string) => {
      output = (output + chunk).slice(-16_384)
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) options.onLine(line)
    }
    child.stdout.setEncoding('utf8').on('data', hear)
    child.stderr.setEncoding('utf8').on('data', hear)
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
    child.on('close', (code) => {
      if (code === 0) return resolve()
      const exitCode = code ?? undefined
      reject(new ProgramError(file, `ended with code ${code}`, { output, exitCode }))
    })
  })
}

/** Full path of a program on the search path, if there is one. */
export async function findProgram(name: string): Promise<string | undefined> {
  try {
    const found = await runProgram('/bin/sh', ['-c', lookUp, 'sh', name], { timeoutMs: 5_000 })
    return found.trim() || undefined
  } catch {
    return undefined
  }
}

/** What administrators' programs lie in is on the PATH of root alone, and of root not after `su`. */
const lookUp = 'PATH="$PATH:/usr/sbin:/sbin"; command -v -- "$1"'

function exitCodeOf({ code }: { readonly code?: unknown }): number | undefined {
  if (code === 'ENOENT') return missingCode
  return typeof code === 'number' ? code : undefined
}

function identity(account: Account | undefined) {
  return account === undefined ? {} : { uid: account.uid, gid: account.gid }
}
