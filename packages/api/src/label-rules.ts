import { type Cause, forbidden, invalid } from './cause.ts'
import { isReservedForEncodings } from './hostnames.ts'
import { templateLabelPattern } from './reserved-labels.ts'

/** Rules for the first label of a tenant's hostname, beyond its pattern. */
export function hostnameLabelCauses(
  label: string | undefined,
  field: string,
  reservedLabels: readonly string[],
): readonly Cause[] {
  if (label === undefined) return []
  const reserved = reservedLabels.includes(label) || templateLabelPattern.test(label)
  return [
    ...(reserved ? [forbidden(field, `"${label}" is reserved`)] : []),
    ...(isReservedForEncodings(label)
      ? [invalid(field, 'must not have "--" as third and fourth character (RFC 5890)')]
      : []),
  ]
}
