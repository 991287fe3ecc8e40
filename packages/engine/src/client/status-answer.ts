import {
  type Cause,
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
  const reasons = Object.entries(statusReasons)
  const known = reasons.find(([name]) => name === given) ?? reasons.find(([, of]) => of === code)
  // The table is typed by its own keys, which `entries` forgets.
  return (known?.[0] ?? (code < 500 ? 'BadRequest' : 'InternalError')) as StatusReason
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

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
