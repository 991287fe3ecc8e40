import type { IncomingMessage } from 'node:http'
import { refusalIn } from '../forward/forwarded.ts'
import type { Backend } from '../route-source.ts'
import type { ParkedGround } from './parked-ground.ts'

export interface RefusedHandshake {
  readonly environment: string
  readonly backend: Backend
  readonly answer: IncomingMessage
}

/** Tells of a backend whose guard took nothing of a handshake (421), as it is told of any other request. */
export function noteRefusal(
  { life, onRefused }: ParkedGround,
  { environment, backend, answer }: RefusedHandshake,
) {
  const reason = refusalIn(answer.statusCode ?? 0, answer.rawHeaders)
  if (reason === undefined) return
  onRefused?.(reason)
  life.refused(environment, backend, reason === 'sealed')
}
