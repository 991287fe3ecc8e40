import type { Condition } from '@pulse/api'
import type { Pod } from './kinds.ts'

/** Of a pod whose process is a fork of what its runtime has loaded. */
export const forkedCondition: Condition = {
  type: 'Forked',
  status: 'True',
  reason: 'ForkOfRuntime',
}

export function isForked({ status }: Pod): boolean {
  return status?.conditions?.some(isForkedNow) === true
}

function isForkedNow({ type, status }: { readonly type: string; readonly status: string }) {
  return type === forkedCondition.type && status === 'True'
}
