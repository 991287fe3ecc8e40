import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { access, chmod, constants, mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { createClientKinds } from '@pulse/api'
import type { ObjectsClient } from '@pulse/engine'
import { onTestFinished } from 'vitest'
import { connectTo } from '../commands/connect.ts'
import { readConfig } from '../config.ts'
import { type Running, readRunning } from '../server/running.ts'
import { identityOf, type OrdinaryUser, ordinaryStateDir } from './ordinary-user.suite.ts'
import { endPulse } from './processes-of-state.suite.ts'
import { type CommandResult, collect, main, makeEnvironment, runPulse } from './run-pulse.suite.ts'

export interface PulseOptions {
  /** That of an earlier Pulse for a second start, which finds its ports again; else a new one. */
  readonly stateDir?: string
  readonly env?: Readonly<Record<string, string>>
  /** Who starts it, with the state directory in his home; absent: whoever runs the tests. */
  readonly user?: OrdinaryUser
  /** After `up`: `--first-tenant demo`. */
  readonly args?: readonly string[]
  /** How many files it may have open (`ulimit -n`). */
  readonly openFiles?: number
  /** A file that takes its standard error, which then tells nothing here. */
  readonly stderrTo?: string
  /** Modules loaded into the server before anything else (`--import`). */
  readonly imports?: readonly string[]
  /** Whether to wait until it runs; without, `exited` tells how it ended. Default true. */
  readonly wait?: boolean
}

/** A Pulse of its own for a test: own state directory, own ports, a child process. */
export interface PulseUnderTest {
  readonly stateDir: string
  /** Of the gateway, once it runs. */
  readonly httpPort: () => Promise<number>
  readonly pid: number
  /** What it is asked to be found by: `running.json`. */
  readonly running: () => Promise<Running | undefined>
  readonly stdout: () => string
  /** Progress, and the log line by line. */
  readonly stderr: () => string
  /** Resolves when standard output has this text. */
  readonly printed: (text: string) => Promise<void>
  /** Runs `pulse ARGS` on this state directory, as a person would. */
  readonly pulse: (...args: readonly string[]) => Promise<CommandResult>
  /** The resource API. Closed with the clean-up. */
  readonly objects: () => Promise<ObjectsClient>
  /** Exit code, or the name of the signal. */
  readonly exited: Promise<number | string>
  /** Sends a signal; resolves when the server process is gone. */
  readonly kill: (signal: NodeJS.Signals) => Promise<number | string>
  /** Ctrl-C: gateway, tenants and PostgreSQL end. */
  readonly stop: () => Promise<number | string>
  /** Whatever has happened: nothing runs any more, nothing is left on the disk. */
  readonly cleanUp: () => Promise<void>
}

const startSeconds = 60

/** A Pulse that is gone with the running test. */
export async function pulseOfTest(options?: PulseOptions): Promise<PulseUnderTest> {
  const pulse = await startPulse(options)
  onTestFinished(pulse.cleanUp, 120_000)
  return pulse
}

/**
 * Starts a Pulse; whoever calls sees to the clean-up, for a file:
 *
 *     let pulse: PulseUnderTest
 *     beforeAll(async () => {
 *       pulse = await startPulse()
 *       return pulse.cleanUp
 *     })
 */
export async function startPulse(options: PulseOptions = {}): Promise<PulseUnderTest> {
  const { user } = options
  const ownStateDir = user && ordinaryStateDir(user)
  const stateDir = options.stateDir ?? ownStateDir ?? (await makeStateDirectory())
  const environment = {
    ...makeEnvironment(stateDir),
    ...(options.stateDir === undefined && (await freePorts())),
    ...(user && { HOME: user.home, XDG_STATE_HOME: join(user.home, '.local/state') }),
    PLANA_STANDIN_BURN: '0',
    ...options.env,
  }
  const imports = (options.imports ?? []).map((module) => `--import=${module}`)
  const stderrFile = options.stderrTo === undefined ? undefined : openSync(options.stderrTo, 'a')
  const args = [...imports, main, 'up', '--log-to', 'stderr', ...(options.args ?? [])]
  const { openFiles } = options
  const limited = openFiles === undefined ? [] : ['prlimit', `--nofile=${openFiles}:${openFiles}`]
  const [command = '', ...words] = [...limited, process.execPath, ...args]
  const child = spawn(command, words, {
    env: environment,
    ...identityOf(user),
    stdio: ['ignore', 'pipe', stderrFile ?? 'pipe'],
    // As in a terminal of its own: a signal for the tests is none for this server.
    detached: true,
  })
  if (stderrFile !== undefined) closeSync(stderrFile)
  const out = child.stdout ?? Readable.from([])
  const err = child.stderr ?? Readable.from([])
  const stdout = collect(out)
  const stderr = collect(err)
  const exited = once(child, 'exit').then(async ([code, signal]): Promise<number | string> => {
    await endOfWords([out, err])
    return code ?? signal
  })
  let client: Promise<ObjectsClient> | undefined

  const pulse: PulseUnderTest = {
    stateDir,
    async httpPort() {
      const { gateway = '' } = (await readRunning(stateDir)) ?? {}
      return Number(new URL(gateway).port)
    },
    pid: child.pid ?? 0,
    running: () => readRunning(stateDir),
    stdout,
    stderr,
    printed: (text) => until(`"${text}" is printed`, async () => stdout().includes(text)),
    pulse: (...command) => runPulse(stateDir, command, { env: environment, uid: user?.uid }),
    objects() {
      client ??= connectTo(readConfig({ stateDir }), createClientKinds())
      return client
    },
    exited,
    async kill(signal) {
      child.kill(signal)
      return await exited
    },
    stop: () => pulse.kill('SIGINT'),
    async cleanUp() {
      await client?.then((open) => open.close()).catch(() => undefined)
      child.kill('SIGINT')
      await endPulse(stateDir, exited)
    },
  }

  /** Resolves when it holds; throws when the server ends before, or takes too long. */
  async function until(what: string, holds: () => Promise<boolean>) {
    const deadline = Date.now() + startSeconds * 1000
    while (!(await holds())) {
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
        throw new Error(`waited in vain until ${what}:\n${stdout()}\n${stderr()}`)
      }
      await delay(20)
    }
  }

  if (options.wait === false) return pulse
  try {
    await until('Pulse runs', async () => (await readRunning(stateDir))?.pid === child.pid)
    return pulse
  } catch (error) {
    await pulse.cleanUp()
    throw error
  }
}

/** What a process wrote last may come after the news of its end; what it left running may hold the streams open. */
async function endOfWords(streams: readonly Readable[]) {
  const ends = streams.map((stream) => finished(stream).catch(() => undefined))
  await Promise.race([Promise.all(ends), delay(1_000)])
}

/** In memory where there is such a place; others may pass through, as tenants run as users of their own. */
async function makeStateDirectory(): Promise<string> {
  const memory = await access('/dev/shm', constants.W_OK).then(
    () => true,
    () => false,
  )
  const folder = await mkdtemp(join(memory ? '/dev/shm' : tmpdir(), 'pulse-e2e-'))
  await chmod(folder, 0o711)
  return folder
}

/** Ports that nobody listens on; held together, so that they differ. */
async function freePorts() {
  const held = [createServer(), createServer(), createServer()]
  const [http, api, metrics] = await Promise.all(
    held.map(async (server) => {
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const address = server.address()
      return typeof address === 'object' && address ? address.port : 0
    }),
  )
  await Promise.all(held.map((server) => once(server.close(), 'close')))
  return {
    PLANA_HTTP_PORT: String(http),
    PLANA_API_PORT: String(api),
    PLANA_METRICS_PORT: String(metrics),
  }
}
