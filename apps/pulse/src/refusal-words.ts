import type { StatusError } from '@pulse/api'
import type { Place } from './manifests.ts'

type Refusal = Pick<StatusError, 'message' | 'details'>

/**
 * A refusal for people: one mistake in one line, several as a list, none of them twice. Where the fields stand in a
 * file, each mistake has a line of its own that begins with its place, in the order of the file.
 */
export function refusalWords(
  { message, details }: Refusal,
  placeOf?: (field: string) => Place,
): string {
  const rules = (details.causes ?? [])
    .map(({ field, message }) => ({ place: placeOf?.(field), rule: `${field}: ${message}` }))
    .toSorted((one, other) => (one.place?.line ?? 0) - (other.place?.line ?? 0))
    .map(({ place, rule }) => (place ? `${place.source}:${place.line}: ${rule}` : rule))
  const [only = ''] = rules
  const head = message
    .replace(/ is invalid: .*$/s, ' is invalid')
    .replace(/: strict decoding error: .*$/s, ': strict decoding error')
  if (rules.length === 0) return message
  if (rules.length === 1 && placeOf === undefined) {
    return head.includes(only) ? head : `${head}: ${only}`
  }
  const more = /and \d+ more unknown fields$/.exec(message) ?? []
  return [`${head}:`, ...[...new Set([...rules, ...more])].map((rule) => `  ${rule}`)].join('\n')
}
