/** What a hostname may be (RFC 1123, RFC 5890). */
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** The rule that a hostname breaks, or none. Names that are only for machines (one label, an address) are refused. */
export function brokenHostnameRule(name: string): string | undefined {
  if (name.length > 253) return 'must be at most 253 characters long'
  if (/[^ -~]/.test(name)) return 'must be written in ASCII: international names as xn--…'
  if (name.endsWith('.')) return 'must not end with a dot'
  if (name !== name.toLowerCase()) return 'must be written in lower case'
  const labels = name.split('.')
  if (labels.length < 2) return 'must be a full hostname, with a domain'
  if (!labels.every((part) => label.test(part))) {
    return 'must be a hostname: labels of letters, digits and "-" (not at their ends), at most 63 long, between dots'
  }
  if (/^\d+$/.test(labels.at(-1) ?? '')) return 'must be a name, not an address'
  return undefined
}

/**
 * Whether the third and fourth characters are `--`: such labels are reserved (R-LDH, RFC 5890 2.3.1), and browsers
 * refuse to open those that are not valid punycode.
 */
export function isReservedForEncodings(name: string): boolean {
  return name.slice(2, 4) === '--'
}

/** Whether the name is the domain or stands below it. */
export function isUnder(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`)
}
