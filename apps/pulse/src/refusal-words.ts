import type { StatusError } from '@pulse/api'

type Refusal = Pick<StatusError, 'message' | 'details'>

/** A refusal for people: one mistake in one line, several as a list, none of them twice. */
export function refusalWords({ message, details }: Refusal): string {
  const rules = (details.causes ?? []).map(({ field, message }) => `${field}: ${message}`)
  const [only = ''] = rules
  const head = message.replace(/ is invalid: .*$/s, ' is invalid')
  if (rules.length === 0) return message
  if (rules.length === 1) return head.includes(only) ? head : `${head}: ${only}`
  return [`${head}:`, ...[...new Set(rules)].map((rule) => `  ${rule}`)].join('\n')
}
