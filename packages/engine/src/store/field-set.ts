import { isRecord, type KindDefinition, type ListType } from '@pulse/api'
import { type JsonRecord, sameJson } from './json.ts'

/**
 * A path to a field in the spelling of Kubernetes' FieldsV1: `f:name` a member, `k:{"name":"web"}` an item of a keyed
 * list, `v:"a"` an item of a set.
 */
export type FieldPath = readonly string[]
/** A set of paths, by their joined text. Objects have some dozens of fields: flat is fast enough and simple. */
export type FieldSet = ReadonlyMap<string, FieldPath>

export type ListTypes = (names: readonly string[]) => ListType

const atomic: ListType = { type: 'atomic' }
const metadataLists: Readonly<Record<string, ListType>> = {
  'metadata.finalizers': { type: 'set' },
  'metadata.ownerReferences': { type: 'map', keys: ['uid'], patchKey: 'uid' },
}

/** How each list of the kind merges; one that nobody described is replaced whole. */
export function listTypesOf({ lists }: Pick<KindDefinition, 'lists'>): ListTypes {
  return (names) => {
    const path = names.join('.')
    return metadataLists[path] ?? lists[path] ?? atomic
  }
}

/** The type by which these items can really be merged: with keys missing or doubled, only as a whole. */
export function mergeableAs(items: readonly unknown[], type: ListType): ListType {
  if (type.type === 'atomic') return type
  const elements = items.map((item) => elementOf(item, type))
  if (elements.includes(undefined)) return atomic
  return new Set(elements).size === items.length ? type : atomic
}

/** Kubernetes gives the port lists, keyed by port and protocol, this default for the second key. */
const keyDefaults: JsonRecord = { protocol: 'TCP' }

/** The path element of a list item; `undefined` when it lacks a key. */
export function elementOf(item: unknown, type: ListType): string | undefined {
  if (type.type === 'set') return `v:${JSON.stringify(item)}`
  if (type.type === 'atomic' || !isRecord(item)) return undefined
  const keys = type.keys.toSorted().map((key) => [key, item[key] ?? keyDefaults[key]] as const)
  if (keys.some(([, value]) => value === undefined)) return undefined
  return `k:${JSON.stringify(Object.fromEntries(keys))}`
}

/** All fields that a value has: its leaves, and the items of its mergeable lists. */
export function fieldsOf(value: JsonRecord, lists: ListTypes): FieldSet {
  const set = new Map<string, FieldPath>()
  const add = (path: FieldPath) => set.set(textOf(path), path)
  const walk = (node: unknown, path: FieldPath, names: readonly string[]): void => {
    if (isRecord(node) && Object.keys(node).length > 0) {
      for (const [name, child] of Object.entries(node)) {
        walk(child, [...path, `f:${name}`], [...names, name])
      }
      return
    }
    if (!Array.isArray(node) || node.length === 0) {
      if (path.length > 0) add(path)
      return
    }
    const type = mergeableAs(node, lists(names))
    if (type.type === 'atomic') add(path)
    else {
      for (const item of node) {
        const element = [...path, elementOf(item, type) ?? '']
        add(element)
        if (type.type === 'map') walk(item, element, names)
      }
    }
  }
  walk(value, [], [])
  return set
}

/** What stands at a path, `undefined` when nothing does. */
export function valueAt(value: unknown, path: FieldPath): unknown {
  let node = value
  for (const element of path) {
    node = childOf(node, element)
    if (node === undefined) return undefined
  }
  return node
}

function childOf(node: unknown, element: string): unknown {
  const rest = element.slice(2)
  if (element.startsWith('f:')) {
    return isRecord(node) && Object.hasOwn(node, rest) ? node[rest] : undefined
  }
  return Array.isArray(node) ? node.find(elementTest(element)) : undefined
}

/** Whether a list item is the one that a `k:` or `v:` element names. */
export function isElement(item: unknown, element: string): boolean {
  return elementTest(element)(item)
}

/** The same for many items: the element is parsed once. */
function elementTest(element: string): (item: unknown) => boolean {
  const rest = element.slice(2)
  if (element.startsWith('v:')) return (item) => JSON.stringify(item) === rest
  const parsed: unknown = JSON.parse(rest)
  const keys = isRecord(parsed) ? Object.entries(parsed) : []
  return (item) =>
    isRecord(item) && keys.every(([key, value]) => sameJson(item[key] ?? keyDefaults[key], value))
}

export function textOf(path: FieldPath): string {
  return path.join('\u0000')
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  return new Map([...a, ...b])
}

export function filterSet(
  set: FieldSet,
  keep: (path: FieldPath, text: string) => boolean,
): FieldSet {
  return new Map([...set].filter(([text, path]) => keep(path, text)))
}

export function sameSet(a: FieldSet, b: FieldSet): boolean {
  return a.size === b.size && [...a.keys()].every((text) => b.has(text))
}

/** `.spec.containers[name="web"].image`, for people. */
export function describePath(path: FieldPath): string {
  return path
    .map((element) => {
      const rest = element.slice(2)
      if (element.startsWith('f:')) return `.${rest}`
      if (element.startsWith('v:')) return `[=${rest}]`
      const keys: Record<string, unknown> = JSON.parse(rest)
      const pairs = Object.entries(keys).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
      return `[${pairs.join(',')}]`
    })
    .join('')
}
