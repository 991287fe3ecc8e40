import { hasReason, type Log, type StatusDetails, StatusError } from '@pulse/api'
import { type Answer, jsonAnswer } from './answer.ts'

/** `metav1.Status` of a refusal, in the shape and the words that clients of Kubernetes read. */
export function statusBody({ reason, code, message, details }: StatusError) {
  const said = withoutEmpty(details)
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(Object.keys(said).length > 0 && { details: said }),
    code,
  }
}

/** The core group, and a name that was not given, are told by leaving them out. */
function withoutEmpty({ causes, ...details }: StatusDetails) {
  const filled = Object.entries(details).filter(([, value]) => value !== '')
  return {
    ...Object.fromEntries(filled),
    ...(causes && {
      causes: causes.map(({ field, ...cause }) => ({ ...cause, ...(field !== '' && { field }) })),
    }),
  }
}

/** The one place where an error becomes an answer; what is not expected is logged here and told nobody. */
export function errorAnswer(error: unknown, log: Log): Answer {
  const expected = expectedError(error, log)
  const { code, details } = expected
  const retryAfter = details.retryAfterSeconds
  return jsonAnswer(statusBody(expected), {
    code,
    headers: {
      ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
      ...(hasReason(expected, 'Unauthorized') && { 'WWW-Authenticate': 'Bearer' }),
      ...(hasReason(expected, 'RequestEntityTooLarge') && { Connection: 'close' }),
    },
  })
}

export function expectedError(error: unknown, log: Log): StatusError {
  if (error instanceof StatusError) return error
  log.error({ err: error }, 'request failed')
  return new StatusError('InternalError', 'Internal error occurred')
}
