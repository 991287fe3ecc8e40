import type { KubeObject } from '@pulse/api'
import type { Relations } from './objects.ts'
import { isDeleting, type Ownership, resourceNameAnnotation } from './ownership.ts'

/** The objects that were composed for this very composite, as they stand now. */
export async function readComposed(
  composite: KubeObject,
  ownership: Ownership,
  objects: Relations,
): Promise<readonly KubeObject[]> {
  const found = await ownership.find(composite, objects)
  return found.filter((object) => ownership.isOf(object, composite))
}

/** Where a name is carried twice, one on its way out, the one that stays is observed. */
export function byResourceName(
  composed: readonly KubeObject[],
): Readonly<Record<string, KubeObject>> {
  const sorted = composed.toSorted((a, b) => Number(isDeleting(b)) - Number(isDeleting(a)))
  return Object.fromEntries(
    sorted.map((object) => [object.metadata.annotations?.[resourceNameAnnotation] ?? '', object]),
  )
}
