import type { Cause } from './cause.ts'

/** The reasons of `metav1.Status` that Pulse answers with, and their HTTP codes. */
export const statusReasons = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
} as const

export type StatusReason = keyof typeof statusReasons

export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  /** Plural resource name, as in Kubernetes. */
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly Cause[]
  readonly retryAfterSeconds?: number
}

/** An expected refusal of the resource API; the face answers it as `metav1.Status`. */
export class StatusError extends Error {
  readonly reason: StatusReason
  readonly code: number
  readonly details: StatusDetails

  constructor(
    reason: StatusReason,
    message: string,
    details: StatusDetails = {},
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = 'StatusError'
    this.reason = reason
    this.code = statusReasons[reason]
    this.details = details
  }
}

/** Whether the error is a `StatusError` with one of these reasons. */
export function hasReason(error: unknown, ...reasons: StatusReason[]): error is StatusError {
  return error instanceof StatusError && reasons.includes(error.reason)
}
