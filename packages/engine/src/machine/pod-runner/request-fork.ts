import { connect, type Socket } from 'node:net'
import { recordOf } from '@pulse/api'
import { framesOf } from './fork-frames.ts'
import type { ForkedProcess, ForkRequest } from './fork-server.ts'

/** Three short lines are all that is ever answered. */
const mostAnswerBytes = 16_384

/** Asks the parent behind this socket for one fork; resolves when that has passed its gate. */
export async function requestFork(
  path: string,
  request: ForkRequest,
  signal: AbortSignal,
): Promise<ForkedProcess> {
  const frames = framesOf(request)
  const born = Promise.withResolvers<ForkedProcess['identity']>()
  const exited = Promise.withResolvers<number | undefined>()
  const socket = connect(path)
  const giveUp = () => socket.destroy(new Error('no fork in time', { cause: signal.reason }))
  hear(socket, (message) => {
    const { born: birth, exit, refused } = message
    const { pid, startTicks } = recordOf(birth)
    if (typeof pid === 'number' && typeof startTicks === 'number') born.resolve({ pid, startTicks })
    if (typeof exit === 'number') exited.resolve(exit < 0 ? 128 - exit : exit)
    if (typeof refused === 'string') born.reject(new Error(refused))
  })
  socket.once('error', (error) =>
    born.reject(new Error(`cannot fork: ${error.message}`, { cause: error })),
  )
  socket.once('close', () => {
    born.reject(new Error('the parent ended the connection before the fork was born'))
    exited.resolve(undefined)
  })
  if (signal.aborted) giveUp()
  signal.addEventListener('abort', giveUp, { once: true })
  socket.write(frames)
  try {
    const identity = await born.promise
    // From here on only its end is to be heard, and nobody stays for that alone.
    socket.unref()
    return { identity, exited: exited.promise }
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

/** Calls back for each line that is an object; one that is none ends the connection. */
function hear(socket: Socket, tell: (message: Record<string, unknown>) => void): void {
  let text = ''
  let bytes = 0
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    bytes += chunk.length
    if (bytes > mostAnswerBytes) return socket.destroy(new Error('the parent says too much'))
    const lines = (text + chunk).split('\n')
    text = lines.pop() ?? ''
    try {
      for (const line of lines) tell(recordOf(JSON.parse(line)))
    } catch (error) {
      socket.destroy(new Error('the parent says what nobody understands', { cause: error }))
    }
    return undefined
  })
}
