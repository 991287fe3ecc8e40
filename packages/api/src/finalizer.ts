import type { KubeObject } from './object.ts'

/** Holds a deleted object until all that it stands for is gone, in the right order. */
export const teardownFinalizer = 'planapulse.com/teardown'

/**
 * An object has the finalizer until it is deleted, whoever writes it: a manager that applies the object without having
 * named the finalizer, or by taking over from the one that created it, must not let go of what it holds.
 */
export function withFinalizer(finalizer: string | undefined, object: KubeObject): KubeObject {
  const { finalizers = [], deletionTimestamp } = object.metadata
  if (finalizer === undefined || deletionTimestamp !== undefined) return object
  if (finalizers.includes(finalizer)) return object
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } }
}
