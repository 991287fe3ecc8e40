import { isRecord, parseQuantity } from '@pulse/api'
import { isSame } from '../fingerprint.ts'
import type { PodTemplate } from './kinds.ts'

/**
 * Whether two templates mean the same. kubectl, which writes a template back when it undoes a rollout, has read it into
 * types: quantities come in their shortest form (`2` for `2000m`), and lists without items do not come at all.
 */
export function isSameTemplate(one: PodTemplate, other: PodTemplate): boolean {
  return isSame(one, other) || isSame(inFewestWords(one), inFewestWords(other))
}

function inFewestWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inFewestWords)
  if (!isRecord(value)) return value
  const members = Object.entries(value).filter(
    ([, item]) => !Array.isArray(item) || item.length > 0,
  )
  return Object.fromEntries(
    members.map(([name, item]) => [
      name,
      name === 'limits' || name === 'requests' ? amountsOf(item) : inFewestWords(item),
    ]),
  )
}

function amountsOf(quantities: unknown): unknown {
  if (!isRecord(quantities)) return quantities
  const amounts = Object.entries(quantities).map(([name, amount]) => [
    name,
    parseQuantity(String(amount)) ?? amount,
  ])
  return Object.fromEntries(amounts)
}
