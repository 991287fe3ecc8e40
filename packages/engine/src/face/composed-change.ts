import { hasReason, type KubeObject } from '@pulse/api'
import type { Objects } from '../objects.ts'
import { controllerOf, resourceNameAnnotation } from '../ownership.ts'
import { describePath, type FieldSet } from '../store/field-set.ts'
import { readOwners } from '../store/managed-fields.ts'

/** The field manager of the loop (`reconcile.ts`). */
const composer = 'pulse'
const namedMax = 3

/** Fields of a composed object that somebody else has just changed: the loop sets them again, and says nothing of it. */
export function composedAnew(before: KubeObject, after: KubeObject): readonly string[] {
  if (!isComposed(before)) return []
  const left = composedFields(after)
  const lost = [...composedFields(before)].filter(([text]) => !left.has(text))
  if (lost.length === 0) return []
  const named = lost.slice(0, namedMax).map(([, path]) => describePath(path))
  const more = lost.length > namedMax ? ` and ${lost.length - namedMax} more` : ''
  return [`${named.join(', ')}${more}: composed by ${composerOf(before)}, which sets this again`]
}

/** A composed object that is deleted comes back, unless what composes it goes as well. */
export async function madeAnew(
  deleted: KubeObject,
  objects: Pick<Objects, 'get'>,
): Promise<readonly string[]> {
  if (!isComposed(deleted)) return []
  const owner = controllerOf(deleted)
  const living = owner && (await objects.get(owner).catch(unlessUnknown))
  const isGoing = owner && (living?.metadata.deletionTimestamp ?? !living)
  if (isGoing) return []
  return [`it is composed by ${composerOf(deleted)}, which makes it again`]
}

function unlessUnknown(error: unknown): undefined {
  if (!hasReason(error, 'NotFound')) throw error
}

function isComposed({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[resourceNameAnnotation] !== undefined
}

function composedFields({ metadata }: KubeObject): FieldSet {
  const owners = readOwners(metadata.managedFields)
  const own = owners.find(({ manager, operation }) => manager === composer && operation === 'Apply')
  return own?.fields ?? new Map()
}

/** A pool belongs to no resource. */
function composerOf(object: KubeObject): string {
  const owner = controllerOf(object)
  return owner ? `${owner.kind} ${owner.name}` : 'Pulse'
}
