import type { Socket } from 'node:net'
import { ignoreErrors, stopWatching, watchClient } from '../upgrade.ts'
import type { RequestLines } from './request-lines.ts'

/**
 * Runs, with what came last on a connection that Node has let go of, once the answers that are due there have left; not
 * at all, should it end before. What Node did for those answers until then is done here: it told them when more of them
 * can be written, and that their client has left.
 */
export function afterAnswers(lines: RequestLines, socket: Socket, run: () => void) {
  ignoreErrors(socket)
  const newest = lines.newest(socket)
  const runIfOpen = () => {
    if (socket.writable) run()
  }
  if (newest === undefined || newest.closed) return runIfOpen()
  const onDrain = () => lines.current(socket)?.emit('drain')
  socket.on('drain', onDrain)
  watchClient(socket)
  newest.once('close', () => {
    socket.off('drain', onDrain)
    stopWatching(socket)
    runIfOpen()
  })
}
