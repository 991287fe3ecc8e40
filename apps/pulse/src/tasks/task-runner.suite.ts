import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import { type RunCommandLine, serveTasks } from './task-runner.ts'

/** A task-runner process whose commands do what a test needs: `module` and `args` as the executor takes them. */
export const runnerUnderTest = {
  module: fileURLToPath(import.meta.url),
  args: ['runner-under-test'],
} as const

const run: RunCommandLine = async ([command = ''], write, signal) => {
  write(`${command}\n`)
  if (command === 'throw') throw new Error('the task is broken')
  if (command === 'log') {
    process.stderr.write(`${JSON.stringify({ level: 'warn', msg: 'is away' })}\n`)
  }
  if (command === 'die') process.kill(process.pid, 'SIGKILL')
  if (command === 'until-aborted') {
    if (!signal.aborted) await once(signal, 'abort')
    return 143
  }
  return 0
}

if (isMainThread && process.argv[2] === 'runner-under-test') {
  // What loads slowly hears nothing of an end that came meanwhile.
  if (process.argv[3] === 'late') await once(process, 'disconnect')
  await serveTasks(run, 2)
}
