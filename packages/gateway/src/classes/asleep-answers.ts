import type { PlainAnswer } from '../plain-answer.ts'
import type { AsleepAnswer } from './request-class.ts'

/** What an answer says beside its class. */
export interface AsleepState {
  /** The last wakes failed and none is tried at the moment. */
  readonly failed: boolean
  readonly retryAfterSeconds: number
}

/**
 * The answer for a class that is answered while asleep; of `copy` it is the answer when there is no copy. Nothing of it
 * may be kept by anybody: the tenant’s own answer would be another one.
 */
export function asleepAnswer(answer: AsleepAnswer, state: AsleepState): PlainAnswer {
  switch (answer) {
    case 'health':
      // Odoo's own body, byte for byte: monitors compare it.
      return state.failed
        ? make(503, '{"status": "fail"}', { type: 'application/json', ...state })
        : make(200, '{"status": "pass"}', { type: 'application/json' })
    case 'alive':
      return state.failed
        ? make(503, 'could not be started\n', state)
        : make(200, 'asleep; the first visit wakes it\n')
    case 'later':
    case 'copy':
      return make(503, 'asleep; ask again later\n', state)
  }
}

function make(
  status: number,
  body: string,
  { type = 'text/plain; charset=utf-8', retryAfterSeconds }: MakeOptions = {},
): PlainAnswer {
  return {
    status,
    headers: {
      'Content-Type': type,
      'Content-Length': String(Buffer.byteLength(body)),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
    },
    body,
  }
}

interface MakeOptions {
  readonly type?: string
  readonly retryAfterSeconds?: number
}
