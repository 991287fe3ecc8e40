import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { FromRunner, ToRunner } from './messages.ts'

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

  function next() {
    while (running.size < concurrency) {
      const task = line.shift()
      if (!task) return
      const abort = new AbortController()
      running.set(task.id, abort)
      void carryOut(task, abort.signal).then((exitCode) => {
        running.delete(task.id)
        tell({ type: 'done', id: task.id, exitCode })
        next()
      })
    }
  }

  async function carryOut(task: ToRunner & { type: 'run' }, signal: AbortSignal): Promise<number> {
    const file = createWriteStream(task.log, { flags: 'a', mode: 0o600 })
    try {
      return await run(task.args, (text) => file.write(text), signal)
    } catch (error) {
      file.write(`${error instanceof Error ? error.message : String(error)}\n`)
      return 1
    } finally {
      file.end()
      await once(file, 'close')
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
  tell({ type: 'ready' })
  await once(process, 'disconnect')
  for (const abort of running.values()) abort.abort(new Error('Pulse has stopped'))
}

function tell(message: FromRunner) {
  if (process.connected) process.send?.(message)
}
