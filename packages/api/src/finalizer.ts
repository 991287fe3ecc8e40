import type { KubeObject } from './object.ts'

/** Holds a deleted object until all that it stands for is gone, in the right order. */
export const teardownFinalizer = 'planapulse.com/teardown'

/** An object that is being created, and so has no version yet, gets the finalizer; later it is only taken away. */
export function withFinalizer(finalizer: string | undefined, object: KubeObject): KubeObject {
  const { finalizers = [], resourceVersion } = object.metadata
  if (finalizer === undefined || resourceVersion !== undefined) return object
  if (finalizers.includes(finalizer)) return object
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } }
}
