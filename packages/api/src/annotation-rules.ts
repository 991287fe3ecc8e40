import { type Cause, invalid } from './cause.ts'
import { apiGroup } from './group.ts'
import { askAnnotations, retryAnnotation } from './names.ts'
import { nearest } from './nearest.ts'
import type { KubeObject } from './object.ts'
import { isRecord, recordAt } from './record.ts'

interface Rule {
  /** `now` is RFC 3339, when the object is written; unknown where nothing is written. */
  readonly isKept: (value: string, now: string | undefined) => boolean
  readonly message: string
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/
const time: Rule = {
  isKept: (value) => rfc3339.test(value) && !Number.isNaN(Date.parse(value)),
  message: 'must be an RFC 3339 time, such as 2026-11-29T15:00:00Z',
}
/** Clocks differ a little. */
const skewMs = 5 * 60_000
const notLater: Rule = {
  isKept: (value, now) =>
    now === undefined || !time.isKept(value, now) || Date.parse(value) <= Date.parse(now) + skewMs,
  message:
    'is carried out at once, whatever its time: that must not be more than 5 minutes ahead of the server',
}
const retry: Rule = {
  isKept: (value) => /^[1-9][0-9]{0,2}$/.test(value),
  message: 'must be a number from 1 to 999',
}

/** What people write by hand. Whoever reads it takes a wrong value for none, so nobody else would say so. */
const rules: ReadonlyMap<string, readonly Rule[]> = new Map([
  [askAnnotations.wakeAt, [time, notLater]],
  [askAnnotations.sleepAt, [time, notLater]],
  [askAnnotations.awakeUntil, [time]],
  [retryAnnotation, [retry]],
])

/** Wrong values of annotations of ours. What was stored before is not judged again: it must not hold up other changes. */
export function ownAnnotationCauses(
  object: KubeObject,
  old: KubeObject | undefined,
  now: string | undefined,
): readonly Cause[] {
  const annotations = recordAt(object, 'metadata.annotations') ?? {}
  const before = recordAt(old, 'metadata.annotations') ?? {}
  return Object.entries(annotations).flatMap(([name, value]) => {
    if (typeof value !== 'string' || value === before[name]) return []
    const rule = rules.get(name)?.find(({ isKept }) => !isKept(value, now))
    if (rule === undefined) return []
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
    const meant = meantBy(name.slice(prefix.length))
    return meant === undefined ? [] : [{ name, nearest: `${prefix}${meant}` }]
  })
}

/** Half of a name is as often written as a wrong letter: `keep-awake`. */
function meantBy(name: string): string | undefined {
  const begun = known.find((right) => name.length >= 4 && right.startsWith(name.toLowerCase()))
  return nearest(name, known) ?? begun
}

/**
 * Why `keep-awake-until` as given in an object or patch keeps nothing awake; `written` is what it has led to, `now` is
 * in epoch milliseconds. Undefined: it does, or it was not given.
 */
export function idleKeeping(value: unknown, written: KubeObject, now: number): string | undefined {
  const name = askAnnotations.awakeUntil
  const annotations = isRecord(value) ? recordAt(value, 'metadata.annotations') : undefined
  const until = annotations?.[name]
  if (typeof until !== 'string') return undefined
  const hosting = recordAt(written, 'spec')?.hosting
  if (hosting === 'pool') {
    return `annotation "${name}" has no effect: a pool serves it together with others, and pools do not sleep`
  }
  if (Date.parse(until) > now) return undefined
  return `annotation "${name}" has no effect: ${until} has passed`
}

const prefix = `${apiGroup}/`
const known = [...rules.keys()].map((name) => name.slice(prefix.length))
