import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../clock.ts'
import type { Wanted } from './turn.ts'

/** What requests want, and the end of all their waiting. */
export interface Wanting {
  wantedBy(emitter: ServerResponse | Socket): Wanted
  /** Ends each wait for an environment: its request gets its answer, if there still is somebody. */
  endAll(): void
}

export function createWanting(clock: Clock): Wanting {
  const waiting = new Set<() => void>()
  return {
    wantedBy: (emitter) => ({
      bytes: 0,
      since: clock.now(),
      cause: 'request',
      onLeft(run) {
        emitter.once('close', run)
        waiting.add(run)
        return () => {
          emitter.off('close', run)
          waiting.delete(run)
        }
      },
    }),
    endAll() {
      for (const leave of [...waiting]) leave()
    },
  }
}
