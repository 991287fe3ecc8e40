import { channel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import Type from 'typebox'
import { Value } from 'typebox/value'
import type { FromRunner, ToRunner } from './messages.ts'

const finishedStep = Type.Object({
  task: Type.String(),
  step: Type.String(),
  durationMs: Type.Number(),
})

export type Write = (line: string) => void

/** Carries out one command line; the number is its exit code. */
export type RunCommandLine = (
  args: readonly string[],
  write: Write,
  signal: AbortSignal,
) => Promise<number>

/**
 * The body of the task-runner process: takes commands from its parent, `concurrency` at once and the rest in line.
 * Resolves when the parent is gone, with every task aborted: a task without its server has nobody to tell.
 */
export async function serveTasks(run: RunCommandLine, concurrency: number): Promise<void> {
  const line: (ToRunner & { type: 'run' })[] = []
  const running = new Map<number, AbortController>()
  const ahead = new Set<number>()

  function next() {
    while (running.size < concurrency) {
      const task = takeNext()
      if (!task) return
      const abort = new AbortController()
      running.set(task.id, abort)
      if (isAhead(task)) ahead.add(task.id)
      void carryOut(task, abort.signal).then((exitCode) => {
        running.delete(task.id)
        ahead.delete(task.id)
        tell({ type: 'done', id: task.id, exitCode })
        next()
      })
    }
  }

  /** Somebody waits for a claim; nobody waits for what is made ahead, so that leaves a place free where there are two. */
  function takeNext(): (ToRunner & { type: 'run' }) | undefined {
    const mayWorkAhead = ahead.size < Math.max(1, concurrency - 1)
    const at = line.findIndex((task) => mayWorkAhead || !isAhead(task))
    return at === -1 ? undefined : line.splice(at, 1)[0]
  }

  async function carryOut(task: ToRunner & { type: 'run' }, signal: AbortSignal): Promise<number> {
    const log = openLog(task)
    try {
      return await run(task.args, log.write, signal)
    } catch (error) {
      log.write(`${textOf(error)}\n`)
      return 1
    } finally {
      await log.close()
    }
  }

  process.on('message', (message: ToRunner) => {
    if (message.type === 'run') {
      line.push(message)
      return next()
    }
    running.get(message.id)?.abort(new Error('the task was cancelled'))
    const at = line.findIndex(({ id }) => id === message.id)
    if (at !== -1) {
      line.splice(at, 1)
      tell({ type: 'done', id: message.id, exitCode: 143 })
    }
  })
  channel('pulse.step').subscribe(tellStep)
  tell({ type: 'ready' })
  // A server that stopped while this was loading has said so already, and says it only once.
  if (process.connected) await once(process, 'disconnect')
  for (const abort of running.values()) abort.abort(new Error('Pulse has stopped'))
}

/**
 * A log that cannot be written (a full disk, a folder that is gone) stops no task and never this process, in which
 * others run: its server is told, and what comes after is lost.
 */
function openLog({ id, log }: ToRunner & { type: 'run' }) {
  const file = createWriteStream(log, { flags: 'a', mode: 0o600 })
  const closed = new Promise<void>((resolve) => file.once('close', resolve))
  file.on('error', (error) => tell({ type: 'unlogged', id, reason: error.message }))
  return {
    write(text: string) {
      if (file.writable) file.write(text)
    },
    close() {
      file.end()
      return closed
    },
  }
}

const tasksAhead = new Set(['template', 'fill', 'purge', 'leak-check', 'standby-drop'])

function isAhead({ args: [, name = ''] }: ToRunner & { type: 'run' }): boolean {
  return tasksAhead.has(name)
}

function tellStep(message: unknown) {
  if (Value.Check(finishedStep, message)) tell({ type: 'step', ...message })
}

/** A parent that dies at this very moment is seen by its channel's end. */
function tell(message: FromRunner) {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
