import { randomUUID } from 'node:crypto'
import { ConfigError } from './config-error.ts'
import { type ForkServer, makeForkRequest } from './fork-server.ts'
import type { Run } from './journal.ts'
import { type LaunchInput, makeLaunch } from './launch.ts'
import { createLogFile, logFile, removeOldLogs } from './log-file.ts'
import {
  adoptProcess,
  inheritRun,
  type LiveProcess,
  openGate,
  removeTraces,
  startProcess,
} from './run-process.ts'
import type { LiveRun, StartInput } from './start-container.ts'
import { inStep } from './steps.ts'

/** What is to be started, but for the token and the gate, which are each attempt's own. */
export type Plan = Omit<LaunchInput, 'token' | 'gate'>

/** How long a fork may take to pass its gate, which costs it some milliseconds; somebody waits for it. */
const forkLimitMs = 5_000

/**
 * Intent, gate, process, identity: in this order a kill at any point loses nothing and starts nothing twice. A fork
 * that cannot be had is followed by a plain start, and told.
 */
export async function launchRun(
  input: StartInput,
  run: Run,
  { plan, fork }: { plan: Plan; fork: ForkServer | undefined },
): Promise<LiveRun> {
  const problem = fork?.problem()
  if (fork && !problem) {
    const ofFork = { ...run, isForked: true }
    const forked = await attempt(input, ofFork, (log) => startFork(input, run, { plan, fork, log }))
    if (forked) return forked
    return launchRun(input, { ...run, token: randomUUID() }, { plan, fork: undefined })
  }
  if (problem && !problem.isPassing) tellUnavailable(input, problem)
  const launch = makeLaunch({ ...plan, token: run.token, gate: input.folder })
  const live = await attempt(input, run, (log) => startProcess(launch, log))
  if (!live) throw new Error('a plain start has neither begun nor failed')
  return live
}

/** Undefined: the run never came to be, and the journal knows of none. */
async function attempt(
  { context, container, record, folder }: StartInput,
  run: Run,
  start: (log: string) => Promise<LiveProcess | undefined>,
): Promise<LiveRun | undefined> {
  // What begins after the last journal was read would be nobody's.
  if (context.stopped.aborted) throw new ConfigError('Pulse stops')
  await inStep('intend', () => record.begin(container.name, run))
  const log = logFile(folder, container.name, record.of(container.name).restarts)
  openGate(folder, run.token)
  const live = await inStep('spawn', () => start(log))
  if (!live) {
    record.withdraw(container.name)
    return undefined
  }
  const { identity, exited } = live
  await inStep('identify', () => record.identify(container.name, identity))
  removeOldLogs(folder, container.name, record.of(container.name).restarts)
  return { run: { ...run, process: identity }, exited, cancel: () => {} }
}

/** Undefined: there is no fork and there will be none. */
async function startFork(
  input: StartInput,
  run: Run,
  { plan, fork, log }: { plan: Plan; fork: ForkServer; log: string },
): Promise<LiveProcess | undefined> {
  const { context, folder } = input
  createLogFile(log)
  const request = makeForkRequest({ ...plan, token: run.token, gate: folder, log })
  const signal = AbortSignal.any([context.stopped, AbortSignal.timeout(forkLimitMs)])
  try {
    const { identity, exited } = await fork.fork(request, signal)
    return {
      identity,
      exited: exited.then((code) =>
        code === undefined ? adoptProcess(identity, context.stopped).exited : { code },
      ),
    }
  } catch (error) {
    // Whether it lives is not the server's to say: the gate is closed, and its certificate tells.
    const found = inheritRun(folder, run)
    if (found.type === 'alive') return adoptProcess(found.identity, context.stopped)
    const message = error instanceof Error ? error.message : String(error)
    tellUnavailable(input, { reason: 'ForkFailed', message })
    removeTraces(folder, run.token)
    return undefined
  }
}

function tellUnavailable(
  { context, pod }: StartInput,
  problem: { readonly reason: string; readonly message: string },
): void {
  void context.events.record(pod.object, {
    type: 'Warning',
    reason: 'ForkUnavailable',
    message: `started plainly (${problem.reason}): ${problem.message}`,
  })
}
