import { isMap, isNode, isScalar, isSeq } from 'yaml'

/**
 * Where a field stands in a text of YAML or JSON, as an offset: `spec.sleep.idleTimeout`, `spec.aliases[1]` or
 * `metadata.labels[a.b/c]` below a node. What is missing would stand in the nearest thing that is there; undefined
 * when that is the node itself.
 */
export function offsetOf(node: unknown, field: string): number | undefined {
  const part = partOf(node, field.replace(/^\./, ''))
  return part && (offsetOf(part.value, part.rest) ?? part.offset)
}

/** The first step of a field, and what is left of it. */
interface Part {
  readonly offset: number | undefined
  readonly value: unknown
  readonly rest: string
}

function partOf(node: unknown, field: string): Part | undefined {
  if (isMap(node)) return keyIn(node.items, field)
  if (!isSeq(node)) return undefined
  const [index = '', digits] = /^\[(\d+)\]/.exec(field) ?? []
  const item = digits === undefined ? undefined : node.items[Number(digits)]
  return isNode(item)
    ? { offset: item.range?.[0], value: item, rest: field.slice(index.length) }
    : undefined
}

/** A key may hold dots, and another key may be its beginning: the longest that fits is the one that is meant. */
function keyIn(pairs: readonly { key: unknown; value: unknown }[], field: string) {
  const parts = pairs.flatMap(({ key, value }): Part[] => {
    if (!isScalar(key)) return []
    const rest = restAfter(field, String(key.value))
    return rest === undefined ? [] : [{ offset: key.range?.[0], value, rest }]
  })
  return parts.toSorted((one, other) => one.rest.length - other.rest.length)[0]
}

/** What follows a key at the beginning of a field; undefined when the field begins with another. */
function restAfter(field: string, key: string): string | undefined {
  if (field.startsWith(`[${key}]`)) return field.slice(key.length + 2)
  if (!field.startsWith(key)) return undefined
  const rest = field.slice(key.length)
  return rest === '' || /^[.[]/.test(rest) ? rest : undefined
}
