import type { ComposeOutput, KubeObject } from '@pulse/api'
import { makeCondition } from './condition.ts'

/** Accepts a kind whose work comes with a later version, and says so instead of keeping silent. */
export function composeNothingYet({ resource }: { readonly resource: KubeObject }): ComposeOutput {
  const message = `${resource.kind} is accepted; this version of Pulse does not carry it out yet`
  return {
    objects: {},
    status: {},
    conditions: [makeCondition('Accepted', 'True', { reason: 'NotYetCarriedOut', message })],
    ready: { ready: false, message },
    events: [],
    requires: {},
  }
}
