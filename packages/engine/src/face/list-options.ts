import { type Cause, type StatusDetails, StatusError } from '@pulse/api'
import { badRequest } from '../store/refusals.ts'

/** Options of a list or a watch that contradict each other, refused as Kubernetes refuses them. */
export function refuseContradictions(query: URLSearchParams, { isWatch }: { isWatch: boolean }) {
  const causes = query.has('sendInitialEvents')
    ? initialEventsCauses(query, isWatch)
    : matchCauses(query, isWatch)
  if (causes.length === 0) return
  const rules = causes.map(({ field, message }) => `${field}: ${message}`)
  throw new StatusError('Invalid', `ListOptions.meta.k8s.io "" is invalid: ${rules.join(', ')}`, {
    group: 'meta.k8s.io',
    kind: 'ListOptions',
    causes,
  })
}

const matches = ['Exact', 'NotOlderThan']

function initialEventsCauses(query: URLSearchParams, isWatch: boolean): readonly Cause[] {
  if (!isWatch) return [forbidden('sendInitialEvents', 'is for a watch only')]
  const match = query.get('resourceVersionMatch') ?? ''
  if (match === 'NotOlderThan') return []
  const missing = forbidden(
    'resourceVersionMatch',
    'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
  )
  return match === '' ? [missing] : [missing, unsupported(match, ['NotOlderThan'])]
}

function matchCauses(query: URLSearchParams, isWatch: boolean): readonly Cause[] {
  const match = query.get('resourceVersionMatch') ?? ''
  if (match === '') return []
  const version = query.get('resourceVersion') ?? ''
  const rules: readonly (readonly [isBroken: boolean, message: string])[] = [
    [isWatch, 'is for a watch with sendInitialEvents only'],
    [!isWatch && version === '', 'needs a resourceVersion'],
    [!isWatch && (query.get('continue') ?? '') !== '', 'is not for a list that is continued'],
    [!isWatch && match === 'Exact' && version === '0', 'cannot be Exact for resourceVersion 0'],
  ]
  return [
    ...rules.flatMap(([isBroken, message]) =>
      isBroken ? [forbidden('resourceVersionMatch', message)] : [],
    ),
    ...(matches.includes(match) ? [] : [unsupported(match, matches)]),
  ]
}

function forbidden(field: string, message: string): Cause {
  return { reason: 'FieldValueForbidden', field, message }
}

function unsupported(match: string, supported: readonly string[]): Cause {
  return {
    reason: 'FieldValueNotSupported',
    field: 'resourceVersionMatch',
    message: `"${match}" is not one of ${supported.join(', ')}`,
  }
}

/** A version that the store has not reached; clients tell by the cause that they may try again, or without a version. */
export function refuseFutureVersion(query: URLSearchParams, present: string) {
  const asked = query.get('resourceVersion') || '0'
  if (!/^\d{1,19}$/.test(asked)) {
    throw badRequest(`resourceVersion: Invalid value: ${JSON.stringify(asked)}`)
  }
  if (BigInt(asked) <= BigInt(present)) return
  const message = 'Too large resource version'
  const details: StatusDetails = {
    causes: [{ reason: 'ResourceVersionTooLarge', field: '', message }],
    retryAfterSeconds: 1,
  }
  throw new StatusError('Timeout', `${message}: ${asked}, current: ${present}`, details)
}
