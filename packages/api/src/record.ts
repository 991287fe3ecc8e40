/** Safe reading of objects whose shape nobody has checked yet. */
export type UnknownRecord = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is UnknownRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value if it is a record, else an empty one. */
export function recordOf(value: unknown): UnknownRecord {
  return isRecord(value) ? value : {}
}

/** The value at `spec.sleep.idleTimeout`; undefined where the way there is missing. */
export function valueAt(object: unknown, path: string): unknown {
  let value = object
  for (const part of path.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, part)) return undefined
    value = value[part]
  }
  return value
}

export function textAt(object: unknown, path: string): string | undefined {
  const value = valueAt(object, path)
  return typeof value === 'string' ? value : undefined
}

export function numberAt(object: unknown, path: string): number | undefined {
  const value = valueAt(object, path)
  return typeof value === 'number' ? value : undefined
}

export function recordAt(object: unknown, path: string): UnknownRecord | undefined {
  const value = valueAt(object, path)
  return isRecord(value) ? value : undefined
}

/** The list at the path; empty where there is none. */
export function listAt(object: unknown, path: string): readonly unknown[] {
  const value = valueAt(object, path)
  return Array.isArray(value) ? value : []
}

/** Whether two JSON values are the same; the order of keys does not matter. */
export function sameValue(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => sameValue(item, other[index]))
  }
  if (!isRecord(one) || !isRecord(other)) return false
  const keys = Object.keys(one)
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && sameValue(one[key], other[key]))
  )
}
