import { isRecord } from '@pulse/api'
import { type FieldPath, isElement, textOf } from './field-set.ts'
import type { JsonRecord } from './json.ts'

/** Root fields stay, even empty: an object without `spec` is another object. */
const roots = ['metadata', 'spec', 'status']

/** Removes a field, and every container that this leaves empty and that nobody keeps. */
export function removeAt(
  object: JsonRecord,
  path: FieldPath,
  isKept: (text: string) => boolean,
): JsonRecord {
  const removed = remove(object, path, { at: [], isKept })
  return isRecord(removed) ? removed : {}
}

interface Walk {
  readonly at: FieldPath
  readonly isKept: (text: string) => boolean
}

function remove(node: unknown, path: FieldPath, walk: Walk): unknown {
  const [element, ...rest] = path
  if (element === undefined) return undefined
  const at = [...walk.at, element]
  const inside = (child: unknown) => {
    const next = remove(child, rest, { ...walk, at })
    return isEmptied(child, next) && !isRoot(at) && !walk.isKept(textOf(at)) ? undefined : next
  }
  if (element.startsWith('f:')) {
    const name = element.slice(2)
    if (!isRecord(node) || !Object.hasOwn(node, name)) return node
    const next = inside(node[name])
    const members = Object.entries(node)
    return Object.fromEntries(
      members.flatMap(([member, child]) => {
        if (member !== name) return [[member, child]]
        return next === undefined ? [] : [[member, next]]
      }),
    )
  }
  if (!Array.isArray(node)) return node
  return node.flatMap((item) => {
    if (!isElement(item, element)) return [item]
    const next = inside(item)
    return next === undefined ? [] : [next]
  })
}

function isRoot(at: FieldPath): boolean {
  return at.length === 1 && roots.some((root) => at[0] === `f:${root}`)
}

function isEmptied(before: unknown, after: unknown): boolean {
  return size(before) > 0 && size(after) === 0
}

function size(value: unknown): number {
  if (Array.isArray(value)) return value.length
  return isRecord(value) ? Object.keys(value).length : -1
}
