import type { KubeObject } from '@pulse/api'
import type { ComposedIndex } from './composed-index.ts'
import type { Objects } from './objects.ts'
import { isDeleting, type Ownership, resourceNameAnnotation } from './ownership.ts'

/** The objects that were composed for this very composite, as they stand now. */
export async function readComposed(
  composite: KubeObject,
  ownership: Ownership,
  { objects, composed }: { readonly objects: Objects; readonly composed: ComposedIndex },
): Promise<readonly KubeObject[]> {
  const refs = composed.refsOf(composite.metadata.name)
  const found = await Promise.all(refs.map((ref) => objects.get(ref)))
  return found
    .filter((object) => object !== undefined)
    .filter((object) => ownership.isOf(object, composite))
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
