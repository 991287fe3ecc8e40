import { isRecord, type KindDefinition, type ListType } from '@pulse/api'
import { type JsonRecord, sameJson } from './json.ts'
import { badRequest } from './refusals.ts'

/**
 * Kubernetes' strategic merge patch: keyed lists merge by their patch key, with the directives `$patch` (delete,
 * replace, merge), `$deleteFromPrimitiveList/<field>`, `$setElementOrder/<field>` and `$retainKeys`.
 */
export function strategicMerge(
  target: JsonRecord,
  patch: JsonRecord,
  lists: KindDefinition['lists'],
): JsonRecord {
  return mergeRecord(target, patch, { lists, names: [] })
}

interface Place {
  readonly lists: KindDefinition['lists']
  readonly names: readonly string[]
}

const deletePrefix = '$deleteFromPrimitiveList/'
const orderPrefix = '$setElementOrder/'

function mergeRecord(target: JsonRecord, patch: JsonRecord, place: Place): JsonRecord {
  if (patch.$patch === 'replace') return withoutDirectives(patch)
  if (patch.$patch === 'delete') return {}
  if (patch.$patch !== undefined && patch.$patch !== 'merge') {
    throw badRequest(`unknown patch directive ${JSON.stringify(patch.$patch)}`)
  }
  const merged = new Map(retained(target, patch.$retainKeys))
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith(deletePrefix)) {
      const field = name.slice(deletePrefix.length)
      merged.set(field, withoutItems(merged.get(field), value))
    }
    if (name.startsWith('$')) continue
    if (value === null) merged.delete(name)
    else {
      const inside = { ...place, names: [...place.names, name] }
      merged.set(name, mergeValue(merged.get(name), value, inside))
    }
  }
  for (const [name, order] of Object.entries(patch)) {
    if (!name.startsWith(orderPrefix)) continue
    const field = name.slice(orderPrefix.length)
    const inside = { ...place, names: [...place.names, field] }
    merged.set(field, ordered(merged.get(field), order, inside))
  }
  return Object.fromEntries([...merged].filter(([, value]) => value !== undefined))
}

function mergeValue(target: unknown, value: unknown, place: Place): unknown {
  if (isRecord(value)) return mergeRecord(isRecord(target) ? target : {}, value, place)
  if (!Array.isArray(value)) return value
  return mergeList(Array.isArray(target) ? target : [], value, place)
}

function mergeList(target: readonly unknown[], patch: readonly unknown[], place: Place): unknown[] {
  const type = listType(place)
  const replaces = patch.some((item) => isRecord(item) && item.$patch === 'replace')
  if (replaces) {
    return patch.filter((item) => !isRecord(item) || item.$patch === undefined).map(clean)
  }
  if (type.type === 'set') {
    return [...target, ...patch.filter((item) => !target.some((other) => sameJson(other, item)))]
  }
  const key = patchKeyOf(type)
  if (key === undefined) return patch.map(clean)
  return patch.reduce<unknown[]>(
    (items, item) => mergeItem(items, item, { key, place }),
    [...target],
  )
}

function mergeItem(
  items: readonly unknown[],
  item: unknown,
  { key, place }: { readonly key: string; readonly place: Place },
): unknown[] {
  if (!isRecord(item) || item[key] === undefined) {
    throw badRequest(`an item of ${place.names.join('.')} lacks its patch key ${key}`)
  }
  const isSame = (other: unknown) => isRecord(other) && sameJson(other[key], item[key])
  if (item.$patch === 'delete') return items.filter((other) => !isSame(other))
  const index = items.findIndex(isSame)
  if (index === -1) return [...items, mergeRecord({}, item, place)]
  const target = items[index]
  return items.with(index, mergeRecord(isRecord(target) ? target : {}, item, place))
}

function listType({ lists, names }: Place): ListType {
  const path = names.join('.')
  if (path === 'metadata.finalizers') return { type: 'set' }
  if (path === 'metadata.ownerReferences') return { type: 'map', keys: ['uid'] }
  return lists[path] ?? { type: 'atomic' }
}

function patchKeyOf(type: ListType): string | undefined {
  return type.type === 'map' ? (type.patchKey ?? type.keys[0]) : undefined
}

function retained(target: JsonRecord, keys: unknown): (readonly [string, unknown])[] {
  const entries = Object.entries(target)
  return Array.isArray(keys) ? entries.filter(([name]) => keys.includes(name)) : entries
}

function withoutItems(list: unknown, items: unknown): unknown {
  if (!Array.isArray(list) || !Array.isArray(items)) return list
  return list.filter((item) => !items.some((other) => sameJson(other, item)))
}

/** Items that the order names come in its order; the others keep their place at the end. */
function ordered(list: unknown, order: unknown, place: Place): unknown {
  if (!Array.isArray(list) || !Array.isArray(order)) return list
  const key = patchKeyOf(listType(place))
  const identity = (item: unknown) => (key !== undefined && isRecord(item) ? item[key] : item)
  const rank = (item: unknown) => {
    const index = order.findIndex((other) => sameJson(identity(other), identity(item)))
    return index === -1 ? order.length : index
  }
  return list.toSorted((a, b) => rank(a) - rank(b))
}

function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean)
  return isRecord(value) ? withoutDirectives(value) : value
}

function withoutDirectives(record: JsonRecord): JsonRecord {
  const entries = Object.entries(record).filter(
    ([name, value]) => !name.startsWith('$') && value !== null,
  )
  return Object.fromEntries(entries.map(([name, value]) => [name, clean(value)]))
}
