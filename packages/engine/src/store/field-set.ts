import { isRecord, type KindDefinition, type ListType } from '@pulse/api'
import { type JsonRecord, sameJson } from './json.ts'

/**
 * A path to a field in the spelling of Kubernetes' FieldsV1: `f:name` a member, `k:{"name":"web"}` an item of a keyed
 * list, `v:"a"` an item of a set.
 */
export type FieldPath = readonly string[]
/** A set of paths, by their joined text. Objects have some dozens of fields: flat is fast enough and simple. */
export type FieldSet = ReadonlyMap<string, FieldPath>

const separator = '\u0000'

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
  return changedFields(undefined, value, lists)
}

/** Those of its fields that it did not have before, or with another value. */
export function changedFields(
  before: JsonRecord | undefined,
  value: JsonRecord,
  lists: ListTypes,
): FieldSet {
  const set = new Map<string, FieldPath>()
  const walk = (node: unknown, old: unknown, at: Walked): void => {
    if (sameJson(old, node)) return
    if (isRecord(node) && Object.keys(node).length > 0) {
      for (const [name, child] of Object.entries(node)) {
        const member = `f:${name}`
        const names = [...at.names, name]
        walk(child, childOf(old, member), { ...below(at, member), names })
      }
      return
    }
    const type = Array.isArray(node) ? mergeableAs(node, lists(at.names)) : atomic
    if (!Array.isArray(node) || node.length === 0 || type.type === 'atomic') {
      if (at.path.length > 0 && !sameField(old, node)) set.set(at.text, at.path)
      return
    }
    for (const item of node) {
      const element = elementOf(item, type) ?? ''
      const oldItem = childOf(old, element)
      const place = below(at, element)
      if (!sameField(oldItem, item)) set.set(place.text, place.path)
      if (type.type === 'map') walk(item, oldItem, place)
    }
  }
  walk(value, before, { path: [], text: '', names: [] })
  return set
}

/** A place in the walk through an object. */
interface Walked {
  readonly path: FieldPath
  /** The path's. */
  readonly text: string
  readonly names: readonly string[]
}

function below({ path, text, names }: Walked, element: string): Walked {
  return { path: [...path, element], text: textBelow(text, element), names }
}

/** Containers are equal by being there: their members are fields of their own. */
export function sameField(a: unknown, b: unknown): boolean {
  return (isRecord(a) && isRecord(b)) || sameJson(a, b)
}

/**
 * Tells what stands at a path of the value, `undefined` when nothing does. What a path has in common with the one before
 * it is not looked up again: the paths of a set come in the order of the tree.
 */
export function readerOf(value: unknown): (path: FieldPath) => unknown {
  let last: FieldPath = []
  /** What stands at each beginning of the last path. */
  const nodes = [value]
  return (path) => {
    let depth = 0
    while (depth < path.length && depth < last.length && path[depth] === last[depth]) depth += 1
    nodes.length = depth + 1
    for (const element of path.slice(depth)) nodes.push(childOf(nodes.at(-1), element))
    last = path
    return nodes.at(-1)
  }
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
  return path.join(separator)
}

/** The text of the path that has one element more. */
export function textBelow(text: string, element: string): string {
  return text === '' ? element : text + separator + element
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
