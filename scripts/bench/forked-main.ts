import { fork } from 'node:child_process'
import { once } from 'node:events'
import { heapFlags } from '../../apps/pulse/src/launch/bound-heap.ts'
import { compiledCode } from './compiled-code.ts'

/** As with PLANA_HEAP_MAX_MEGABYTES=256. */
export const boundedHeap = heapFlags(256)

/** A program that answers each message with one of its own. */
export interface ForkedMain<Answer> extends AsyncDisposable {
  /** The next thing it says. */
  answer(): Promise<Answer>
  ask(question: object): Promise<Answer>
}

/** Starts the program at this path with flags of Node's; it ends with its holder. */
export function forkMain<Answer>(
  path: string,
  args: readonly string[],
  execArgv: readonly string[] = boundedHeap,
): ForkedMain<Answer> {
  const child = fork(path, args, {
    execArgv: [...execArgv],
    env: { ...process.env, ...compiledCode },
  })
  const ending = new AbortController()
  child.once('exit', (code) => ending.abort(new Error(`${path} ended with ${code}`)))
  const answer = async (): Promise<Answer> => {
    const [message] = await once(child, 'message', ending)
    return message
  }
  return {
    answer,
    ask(question) {
      child.send(question)
      return answer()
    },
    async [Symbol.asyncDispose]() {
      if (ending.signal.aborted) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}
