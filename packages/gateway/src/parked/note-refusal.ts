import { type RefusedBy, refusalIn } from '../forward/forwarded.ts'
import type { Backend } from '../route-source.ts'
import type { BackendOpening } from './backend-socket.ts'
import type { ParkedGround } from './parked-ground.ts'

export interface RefusedHandshake {
  readonly environment: string
  readonly backend: Backend
  readonly opening: BackendOpening
}

/** Tells of a backend that took nothing of a handshake, as it is told of any other request; the result is why. */
export function noteRefusal(
  { life, onRefused }: ParkedGround,
  { environment, backend, opening }: RefusedHandshake,
): RefusedBy | undefined {
  const reason = reasonOf(opening)
  if (reason === undefined) return undefined
  onRefused?.(reason)
  life.refused(environment, backend, reason === 'sealed')
  return reason
}

function reasonOf(opening: BackendOpening): RefusedBy | undefined {
  if (opening.kind === 'unreachable') return 'unreachable'
  if (opening.kind !== 'answered') return undefined
  const { statusCode = 0, rawHeaders } = opening.answer
  return refusalIn(statusCode, rawHeaders)
}
