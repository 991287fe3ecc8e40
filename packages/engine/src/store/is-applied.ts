import { isRecord, type KubeObject } from '@pulse/api'
import { elementOf, type ListTypes, mergeableAs } from './field-set.ts'
import { type JsonRecord, sameJson } from './json.ts'
import type { FieldManager } from './managed-fields.ts'

/**
 * Whether this manager has applied just this before and every field of it still stands as it was applied: then a
 * server-side apply changes nothing. One walk through both, where the merge builds sets of all fields of all managers;
 * most applies of a controller are such. `false` says no more than that this walk cannot tell.
 */
export function isApplied(
  live: KubeObject,
  wanted: JsonRecord,
  { manager, lists }: { readonly manager: FieldManager; readonly lists: ListTypes },
): boolean {
  const { managedFields } = live.metadata
  if (!Array.isArray(managedFields)) return false
  const own = managedFields.filter(
    (entry) =>
      entry.manager === manager.manager &&
      entry.operation === manager.operation &&
      entry.subresource === manager.subresource,
  )
  const [entry] = own
  if (entry === undefined || own.length > 1) return false
  if (entry.apiVersion !== manager.apiVersion) return false
  return covers(entry.fieldsV1, wanted, { live, names: [], lists })
}

interface At {
  readonly live: unknown
  readonly names: readonly string[]
  readonly lists: ListTypes
}

/** Whether a node of FieldsV1 names the fields of this value, each and no other, and all are live. */
function covers(node: unknown, value: unknown, at: At): boolean {
  if (!isRecord(node)) return false
  if (isRecord(value)) {
    const members = Object.entries(value)
    if (members.length > 0) return coversMembers(node, members, at)
  }
  if (Array.isArray(value) && value.length > 0) {
    const type = at.lists(at.names)
    if (type.type !== 'atomic') return coversItems(node, value, at)
  }
  return isEmpty(node) && sameJson(at.live, value)
}

function coversMembers(
  node: JsonRecord,
  members: readonly (readonly [string, unknown])[],
  { live, names, lists }: At,
): boolean {
  if (!isRecord(live) || Object.keys(node).length !== members.length) return false
  return members.every(([name, value]) =>
    covers(node[`f:${name}`], value, { live: live[name], names: [...names, name], lists }),
  )
}

/** Items of others may stand between; those applied have to be live in the order in which they are applied. */
function coversItems(
  node: JsonRecord,
  items: readonly unknown[],
  { live, names, lists }: At,
): boolean {
  const type = lists(names)
  if (!Array.isArray(live) || Object.keys(node).length !== items.length) return false
  if (mergeableAs(live, type).type === 'atomic') return false
  const elements = live.map((item) => elementOf(item, type))
  let last = -1
  return items.every((item) => {
    const element = elementOf(item, type) ?? ''
    const index = elements.indexOf(element)
    const field = node[element]
    if (index <= last || !isRecord(field)) return false
    last = index
    if (type.type === 'set') return isEmpty(field)
    if (!isRecord(item)) return false
    const { '.': itself, ...below } = field
    return (
      itself !== undefined &&
      coversMembers(below, Object.entries(item), { live: live[index], names, lists })
    )
  })
}

function isEmpty(record: JsonRecord): boolean {
  for (const _ in record) return false
  return true
}
