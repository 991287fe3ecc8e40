import { type Cause, invalid } from './cause.ts'
import type { KubeObject } from './object.ts'
import { sameValue, valueAt } from './record.ts'

/** One cause for each of these fields that differs from the stored object; none when there is no stored one. */
export function immutableCauses(
  object: KubeObject,
  old: KubeObject | undefined,
  paths: readonly string[],
): readonly Cause[] {
  if (old === undefined) return []
  return paths
    .filter((path) => !sameValue(valueAt(object, path), valueAt(old, path)))
    .map((field) => invalid(field, 'is immutable'))
}
