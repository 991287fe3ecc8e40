import { type Cause, forbidden } from '../cause.ts'
import type { KubeObject } from '../object.ts'
import { isRecord, recordAt, sameValue, textAt } from '../record.ts'
import { parseQuantity } from './quantity.ts'

export function claimDefaults(claim: KubeObject): KubeObject {
  const spec = recordAt(claim, 'spec')
  if (spec === undefined) return claim
  const status = isRecord(claim.status) ? claim.status : {}
  return {
    ...claim,
    spec: { volumeMode: 'Filesystem', ...spec },
    status: { phase: 'Pending', ...status },
  }
}

/** The spec of a claim never changes, but it may be bound once, and ask for more room. */
export function claimRules(claim: KubeObject, old: KubeObject | undefined): readonly Cause[] {
  const after = recordAt(claim, 'spec')
  const before = recordAt(old, 'spec')
  if (after === undefined || before === undefined) return []
  const bound = before.volumeName === undefined
  const grows = requested(claim) >= requested(old)
  const allowed = {
    ...before,
    ...(bound && after.volumeName !== undefined ? { volumeName: after.volumeName } : {}),
    ...(grows && after.resources !== undefined ? { resources: after.resources } : {}),
  }
  return sameValue(after, allowed)
    ? []
    : [forbidden('spec', 'is immutable, except that resources.requests.storage may grow')]
}

function requested(claim: KubeObject | undefined): number {
  return parseQuantity(textAt(claim, 'spec.resources.requests.storage') ?? '0') ?? 0
}
