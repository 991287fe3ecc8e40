import { isRecord } from '@pulse/api'
import { type FieldPath, type FieldSet, textBelow } from './field-set.ts'
import type { JsonRecord } from './json.ts'

/** Writes a set of paths as the nested form of `managedFields[].fieldsV1`. */
export function toFieldsV1(set: FieldSet): JsonRecord {
  const root: Tree = new Map()
  for (const path of set.values()) {
    let node = root
    for (const element of path) {
      const child: Tree = node.get(element) ?? new Map()
      node.set(element, child)
      node = child
    }
    node.set('.', new Map())
  }
  return asRecord(root)
}

type Tree = Map<string, Tree>

/** A leaf is `{}`; only a node that also has children says with `.` that it is itself a member. */
function asRecord(tree: Tree): JsonRecord {
  if (tree.size === 1 && tree.has('.')) return {}
  const sorted = [...tree].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted.map(([element, child]) => [element, asRecord(child)]))
}

/** Reads the nested form; what is not of it, is left out. */
export function fromFieldsV1(fields: unknown): FieldSet {
  const set = new Map<string, FieldPath>()
  const walk = (node: unknown, path: FieldPath, text: string): void => {
    if (!isRecord(node)) return
    const entries = Object.entries(node)
    if (path.length > 0 && (entries.length === 0 || Object.hasOwn(node, '.'))) set.set(text, path)
    for (const [element, child] of entries) {
      if (isPathElement(element)) walk(child, [...path, element], textBelow(text, element))
    }
  }
  walk(fields, [], '')
  return set
}

function isPathElement(element: string): boolean {
  if (element.startsWith('f:')) return true
  if (!element.startsWith('k:') && !element.startsWith('v:')) return false
  try {
    const value: unknown = JSON.parse(element.slice(2))
    return element.startsWith('v:') || isRecord(value)
  } catch {
    return false
  }
}
