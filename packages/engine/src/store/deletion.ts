import type { KindDefinition, KubeObject } from '@pulse/api'
import type { DeleteOptions } from '../objects.ts'
import { sameJson } from './json.ts'
import { checkPreconditions, type Decision } from './write-rules.ts'

/** Kubernetes' finalizers of the two policies that the garbage collector completes. */
export const foregroundFinalizer = 'foregroundDeletion'
export const orphanFinalizer = 'orphan'

/** An object with finalizers is only marked; without, it goes. A repeated delete may only hasten the end. */
export function decideDeletion(
  old: KubeObject,
  options: DeleteOptions,
  { definition, time }: { readonly definition: KindDefinition; readonly time: string },
): Decision {
  checkPreconditions(definition, old, options.preconditions ?? {})
  const finalizers = finalizersFor(options.propagationPolicy, old.metadata.finalizers ?? [])
  if (finalizers.length === 0) return { kind: 'remove', object: old }
  const object: KubeObject = {
    ...old,
    metadata: {
      ...old.metadata,
      finalizers,
      deletionTimestamp: old.metadata.deletionTimestamp ?? time,
      deletionGracePeriodSeconds: graceFor(old, options),
    },
  }
  if (sameJson(object, old)) return { kind: 'unchanged', object: old }
  return { kind: 'store', object, causes: [], contentChanged: false }
}

/** As in Kubernetes only Pods know a grace. Zero, which leaves it to the Pod, is what all others carry. */
function graceFor({ kind, metadata }: KubeObject, { gracePeriodSeconds }: DeleteOptions): number {
  const before = metadata.deletionGracePeriodSeconds || Number.POSITIVE_INFINITY
  const asked = kind === 'Pod' ? (gracePeriodSeconds ?? before) : before
  const shortest = Math.min(before, asked)
  return Number.isFinite(shortest) ? shortest : 0
}

/** The last policy that was asked for holds; without one, what the object already carries. */
function finalizersFor(
  policy: DeleteOptions['propagationPolicy'],
  finalizers: readonly string[],
): readonly string[] {
  if (policy === undefined) return finalizers
  const own = finalizers.filter((name) => name !== foregroundFinalizer && name !== orphanFinalizer)
  if (policy === 'Background') return own
  return [...own, policy === 'Foreground' ? foregroundFinalizer : orphanFinalizer]
}
