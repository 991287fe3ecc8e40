import { fork } from 'node:child_process'
import { once } from 'node:events'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { heapFlags } from '../../apps/pulse/src/launch/bound-heap.ts'

/** As with PLANA_HEAP_MAX_MEGABYTES=256. */
export const boundedHeap = heapFlags(256)

/** As the command has it, so that what is measured is what runs. */
const compiled = { NODE_COMPILE_CACHE: join(homedir(), '.cache', 'pulse', 'compiled') }

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
  const child = fork(path, args, { execArgv: [...execArgv], env: { ...process.env, ...compiled } })
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
