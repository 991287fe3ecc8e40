import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { type Log, type OdooMajor, recordOf } from '@pulse/api'

export interface ParentOptions {
  readonly major: OdooMajor
  /** Folder of the Python program. */
  readonly program: string
  readonly python: string
  /** Interpreter and `odoo-bin`; absent: forks only become other programs, as the stand-in. */
  readonly odoo: readonly [string, string] | undefined
  readonly bytecode: string | undefined
  /** Search path for programs, the same as its forks will have: Odoo tries some while it is imported. */
  readonly path: string
  readonly socket: string
  readonly modules: readonly string[]
  /** Folders of the runtime's own add-ons. */
  readonly addonsPath: readonly string[]
  /** Those whose first page is prepared for. */
  readonly languages: readonly string[]
  readonly log: Log
}

/** A parent that is ready to fork. */
export interface RunningParent {
  readonly pid: number
  /** Why it has ended. */
  readonly ended: Promise<string>
  /** Its forks live on. */
  stop(): Promise<void>
  /** The same, without asking it. */
  kill(): void
}

/** Importing some hundred modules on a slow disk. */
const readyLimitMs = 120_000
const stopLimitMs = 5_000
/** What the kernel shows of a fork's environment and arguments stands in its parent's: this much fits. */
const environmentRoom = 120_000
const argumentRoom = 16_000

/**
 * Starts a parent and waits until it can fork. It has a session of its own and nothing of ours but three pipes; when
 * we are gone, and with us the pipe that is its input, it ends.
 */
export async function startParent(
  options: ParentOptions,
  signal: AbortSignal,
): Promise<RunningParent> {
  signal.throwIfAborted()
  await mkdir(dirname(options.socket), { recursive: true, mode: 0o700 })
  const child = spawn(options.python, argumentsOf(options), {
    cwd: '/',
    env: {
      PATH: options.path,
      HOME: '/nonexistent',
      USER: 'pulse',
      LOGNAME: 'pulse',
      LC_CTYPE: 'C.UTF-8',
      TZ: 'UTC',
      // A library that computes in threads of its own would lose them in each fork.
      OPENBLAS_NUM_THREADS: '1',
      OMP_NUM_THREADS: '1',
      PULSE_ROOM: ' '.repeat(environmentRoom),
    },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const ended = endOf(child, 'exit')
  // What it has said before its end may be read after it.
  const heard = endOf(child, 'close')
  // Where no process could be made there are no pipes either.
  if (child.pid === undefined) throw new Error(await ended)
  child.stdin.on('error', () => undefined)
  followErrors(child, options)
  try {
    await untilReady(child, {
      heard,
      signal: AbortSignal.any([signal, AbortSignal.timeout(readyLimitMs)]),
    })
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  child.unref()
  return {
    pid: child.pid,
    ended,
    async stop() {
      child.stdin.end()
      const late = setTimeout(() => child.kill('SIGKILL'), stopLimitMs)
      await ended
      clearTimeout(late)
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

function argumentsOf(options: ParentOptions): readonly string[] {
  const { bytecode, program, major, socket, modules, addonsPath, languages, odoo } = options
  return [
    ...['-I', '-B'],
    ...(bytecode === undefined ? [] : ['-X', `pycache_prefix=${bytecode}`]),
    ...[program, '--major', major, '--socket', socket],
    ...['--modules', modules.join(','), '--addons-path', addonsPath.join(',')],
    ...['--languages', languages.join(',')],
    ...['--room', ' '.repeat(argumentRoom)],
    ...(odoo === undefined ? [] : ['--command', ...odoo]),
  ]
}

function endOf(child: ChildProcess, event: 'exit' | 'close'): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`cannot start: ${error.message}`))
    child.once(event, (code, signal) => resolve(`ended with ${signal ?? `code ${code}`}`))
  })
}

interface Readiness {
  /** Why it has ended, when all that it said has been heard. */
  readonly heard: Promise<string>
  readonly signal: AbortSignal
}

/** Its first line says whether it is ready, or why it never will be. */
async function untilReady(child: ChildProcess, { heard, signal }: Readiness): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const giveUp = () => reject(new Error('not ready in time', { cause: signal.reason }))
  signal.addEventListener('abort', giveUp, { once: true })
  heard.then((reason) => reject(new Error(reason)))
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { ready, refused } = messageOf(line)
      if (ready !== undefined) resolve()
      if (typeof refused === 'string') reject(new Error(refused))
    })
  }
  try {
    await promise
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

/** What a library prints while it is imported is no message. */
function messageOf(line: string): Readonly<Record<string, unknown>> {
  try {
    return recordOf(JSON.parse(line))
  } catch {
    return {}
  }
}

function followErrors(child: ChildProcess, { log, major }: ParentOptions): void {
  if (!child.stderr) return
  createInterface({ input: child.stderr }).on('line', (line) =>
    log.debug({ major, line: line.slice(0, 1000) }, 'said by the parent of forks'),
  )
}
