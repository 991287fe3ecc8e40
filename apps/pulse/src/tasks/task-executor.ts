import { type ChildProcess, fork } from 'node:child_process'
import type { Log } from '@pulse/api'
import type { TaskExecutor } from '@pulse/engine'
import type { FinishedStep, FromRunner, ToRunner } from './messages.ts'
import { relayLog } from './relay-log.ts'

/** The executor as a process with an end. */
export interface TaskProcess extends TaskExecutor {
  /** Ends the process; tasks under way are aborted and will be done again by whoever wanted them. */
  close(): Promise<void>
}

export interface TaskExecutorOptions {
  /** Main module of the task-runner process. */
  readonly module: string
  readonly args: readonly string[]
  readonly log: Log
  readonly onStep: (step: FinishedStep) => void
}

/** Exit code of a task whose process died under it: what a shell says of SIGKILL. */
const diedExitCode = 137

/**
 * Runs tasks in one long-lived process beside the server: a claim costs no start of Node, and a task that goes wrong
 * takes nothing of the server with it. The process is made at once, so that the first task need not wait for it, and
 * again when a task comes after its death. Every task has an end: with the process it dies as a killed one would.
 */
export function createTaskExecutor({
  module,
  args,
  log,
  onStep,
}: TaskExecutorOptions): TaskProcess {
  const waiting = new Map<number, (exitCode: number) => void>()
  let isClosed = false
  let lastId = 0
  let runner: ChildProcess | undefined = start()

  function start(): ChildProcess {
    const child = fork(module, [...args], {
      // Its log is a part of ours: a terminal is for people.
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      // Out of the terminal's process group: a Ctrl-C reaches the server, which ends its parts in order.
      detached: true,
    })
    if (child.stderr) relayLog(child.stderr, log.child({ part: 'task-runner' }))
    child.on('message', (message: FromRunner) => {
      if (message.type === 'done') finish(message.id, message.exitCode)
      if (message.type === 'step') onStep(message)
      if (message.type === 'unlogged') {
        const { id, reason } = message
        log.warn({ id, reason }, 'log of a task not written')
      }
    })
    child.on('exit', (code, signal) => {
      if (waiting.size > 0 && !isClosed) {
        log.warn({ code, signal, tasks: waiting.size }, 'task runner died')
      }
      onGone(child)
    })
    child.on('error', (error) => {
      // One that lives has an exit to come; one that was never born has none.
      if (child.pid !== undefined) return log.warn({ err: error }, 'task runner not reached')
      log.error({ err: error }, 'task runner cannot be started')
      onGone(child)
    })
    return child
  }

  function onGone(child: ChildProcess) {
    if (runner === child) runner = undefined
    for (const id of [...waiting.keys()]) finish(id, diedExitCode)
  }

  function finish(id: number, exitCode: number) {
    waiting.get(id)?.(exitCode)
    waiting.delete(id)
  }

  function send(message: ToRunner) {
    if (runner?.connected) runner.send(message)
  }

  return {
    run({ args: taskArgs, log: path, signal }) {
      if (isClosed) return Promise.resolve({ exitCode: diedExitCode })
      runner ??= start()
      lastId += 1
      const id = lastId
      return new Promise((resolve) => {
        const onAbort = () => send({ type: 'abort', id })
        waiting.set(id, (exitCode) => {
          signal.removeEventListener('abort', onAbort)
          resolve({ exitCode })
        })
        signal.addEventListener('abort', onAbort, { once: true })
        send({ type: 'run', id, args: taskArgs, log: path })
        if (signal.aborted) onAbort()
      })
    },
    async close() {
      isClosed = true
      const child = runner
      if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise((resolve) => child.once('exit', resolve))
      if (child.connected) child.disconnect()
      const cut = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await ended
      clearTimeout(cut)
    },
  }
}
