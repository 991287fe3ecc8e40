import {
  type Cause,
  isRecord,
  type StatusDetails,
  StatusError,
  type StatusReason,
  statusReasons,
} from '@pulse/api'

/** The refusal that an answer tells; one that is no `Status`, from a proxy for instance, is told by its code. */
export function errorOf(code: number, text: string): StatusError {
  return statusError(code, parsed(text))
}

/** The refusal in a `Status`, as an answer or as the ERROR event of a watch. */
export function statusError(code: number, status: unknown): StatusError {
  if (!isRecord(status) || status.kind !== 'Status') {
    return new StatusError(reasonOf(code, undefined), `the API answered ${code}`)
  }
  const message = typeof status.message === 'string' ? status.message : `the API answered ${code}`
  return new StatusError(reasonOf(code, status.reason), message, detailsOf(status.details))
}

function reasonOf(code: number, given: unknown): StatusReason {
  if (isReason(given)) return given
  const known = Object.keys(statusReasons).filter(isReason)
  const byCode = known.find((reason) => statusReasons[reason] === code)
  return byCode ?? (code < 500 ? 'BadRequest' : 'InternalError')
}

function isReason(value: unknown): value is StatusReason {
  return typeof value === 'string' && Object.hasOwn(statusReasons, value)
}

function detailsOf(details: unknown): StatusDetails {
  if (!isRecord(details)) return {}
  const { name, group, kind, uid, retryAfterSeconds, causes } = details
  return {
    ...(typeof name === 'string' && { name }),
    ...(typeof group === 'string' && { group }),
    ...(typeof kind === 'string' && { kind }),
    ...(typeof uid === 'string' && { uid }),
    ...(typeof retryAfterSeconds === 'number' && { retryAfterSeconds }),
    ...(Array.isArray(causes) && { causes: causes.filter(isCause) }),
  }
}

function isCause(value: unknown): value is Cause {
  return (
    isRecord(value) &&
    typeof value.reason === 'string' &&
    typeof value.field === 'string' &&
    typeof value.message === 'string'
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
