import type { IncomingMessage } from 'node:http'
import type { Decision } from '../decide.ts'
import type { Lives } from '../life/lives.ts'
import type { Wanted } from '../life/turn.ts'
import { headersOf, refuseUpgrade } from '../request-handler.ts'
import type { Parking } from './parking.ts'

export interface UpgradeHandling {
  readonly decision: Decision
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
  const { decision, lives, wanted, parking, answerTimeoutMs, answerIdleTimeoutMs } = handling
  if (decision.kind !== 'forward' || !decision.websocket) return refuseUpgrade(request, decision)
  const { route } = decision
  const headers = headersOf(request, decision)
  const handshaking = { route, headers, answerTimeoutMs, answerIdleTimeoutMs }
  if (handling.canPark) return await parking.accept(request, head, handshaking)

  const turn = await lives.turn(route.environment, wanted)
  if (turn.type === 'none') {
    // It left while its environment was being woken; its 'close' will not come again.
    return request.socket.destroyed ? 499 : refuseUpgrade(request, decision, turn)
  }
  const finish = () => turn.life.finish(turn, false)
  if (request.socket.destroyed) {
    finish()
    return 499
  }
  request.socket.once('close', finish)
  return await parking.accept(request, head, { ...handshaking, backend: turn.backend })
}
