import type { IncomingMessage } from 'node:http'
import type { Visit } from '../admission/visit.ts'
import type { Lives } from '../life/lives.ts'
import type { Wanted } from '../life/turn.ts'
import { headersOf } from '../outgoing-of-visit.ts'
import { refuseUpgrade } from '../request-handler.ts'
import type { Parking } from './parking.ts'

export interface UpgradeHandling {
  readonly visit: Visit
  readonly lives: Lives
  readonly wanted: Wanted
  readonly parking: Parking
  /** Sockets without a backend can be kept: neither a handshake nor an open socket needs anybody awake. */
  readonly canPark: boolean
  readonly answerTimeoutMs: number
  readonly answerIdleTimeoutMs: number
}

/** Carries out what was decided about a WebSocket's handshake; resolves with its status. */
export async function handleUpgrade(
  request: IncomingMessage,
  head: Buffer,
  handling: UpgradeHandling,
): Promise<number> {
  const { visit, lives, wanted, parking, canPark } = handling
  const { answerTimeoutMs, answerIdleTimeoutMs } = handling
  if (!visit.isToForward() || !visit.decision.websocket) return refuseUpgrade(visit)
  const { route } = visit.decision
  const headers = headersOf(visit)
  const handshaking = { route, headers, canPark, answerTimeoutMs, answerIdleTimeoutMs }
  if (canPark) return await parking.accept(request, head, handshaking)

  const turn = await lives.turn(route.environment, wanted)
  if (turn.type === 'none') {
    // It left while its environment was being woken; its 'close' will not come again.
    return request.socket.destroyed ? 499 : refuseUpgrade(visit, turn)
  }
  const finish = () => turn.life.finish(turn, false)
  if (request.socket.destroyed) {
    finish()
    return 499
  }
  request.socket.once('close', finish)
  return await parking.accept(request, head, { ...handshaking, backend: turn.backend })
}
