import { type Cause, invalid } from './cause.ts'
import { apiGroup } from './group.ts'
import { askAnnotations, retryAnnotation } from './names.ts'
import { nearest } from './nearest.ts'
import type { KubeObject } from './object.ts'
import { isRecord, recordAt } from './record.ts'

interface Rule {
  readonly isKept: (value: string) => boolean
  readonly message: string
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/
const time: Rule = {
  isKept: (value) => rfc3339.test(value) && !Number.isNaN(Date.parse(value)),
  message: 'must be an RFC 3339 time, such as 2026-11-29T15:00:00Z',
}
const retry: Rule = {
  isKept: (value) => /^[1-9][0-9]{0,2}$/.test(value),
  message: 'must be a number from 1 to 999',
}

/** What people write by hand. Whoever reads it takes a wrong value for none, so nobody else would say so. */
const rules: ReadonlyMap<string, Rule> = new Map([
  ...Object.values(askAnnotations).map((name) => [name, time] as const),
  [retryAnnotation, retry],
])

/** Wrong values of annotations of ours. What was stored before is not judged again: it must not hold up other changes. */
export function ownAnnotationCauses(
  object: KubeObject,
  old: KubeObject | undefined,
): readonly Cause[] {
  const annotations = recordAt(object, 'metadata.annotations') ?? {}
  const before = recordAt(old, 'metadata.annotations') ?? {}
  return Object.entries(annotations).flatMap(([name, value]) => {
    const rule = rules.get(name)
    if (rule === undefined || typeof value !== 'string' || value === before[name]) return []
    if (rule.isKept(value)) return []
    return [invalid(`metadata.annotations[${name}]`, `${rule.message}; "${name}-" takes it away`)]
  })
}

export interface MisspeltAnnotation {
  readonly name: string
  /** What was probably meant. */
  readonly nearest: string
}

/** Annotations of an object or patch that nobody reads, though one of nearly that name means something. */
export function misspeltAnnotations(value: unknown): readonly MisspeltAnnotation[] {
  const annotations = isRecord(value) ? (recordAt(value, 'metadata.annotations') ?? {}) : {}
  return Object.entries(annotations).flatMap(([name, given]) => {
    if (given === null || rules.has(name) || !name.startsWith(prefix)) return []
    const meant = nearest(name.slice(prefix.length), known)
    return meant === undefined ? [] : [{ name, nearest: `${prefix}${meant}` }]
  })
}

const prefix = `${apiGroup}/`
const known = [...rules.keys()].map((name) => name.slice(prefix.length))
