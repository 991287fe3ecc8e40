import { brokenHostnameRule, isReservedForEncodings } from './hostnames.ts'
import { type Domains, maxDomainLength } from './names.ts'

/**
 * Checks domains that come from configuration: hostnames below them must fit into the 63 bytes of a database name.
 * Throws one error that names every mistake.
 */
export function parseDomains(domains: Domains): Domains {
  const mistakes = [
    ...mistakesOf('tenant', domains.tenant),
    ...mistakesOf('dev', domains.dev),
    ...(domains.alias === undefined ? [] : mistakesOf('alias', domains.alias)),
    ...(domains.platform ?? []).flatMap((domain) => mistakesOf('platform', domain, 253)),
  ]
  if (mistakes.length > 0) throw new RangeError(`cannot use these domains: ${mistakes.join('; ')}`)
  return domains
}

function mistakesOf(use: string, domain: string, maxLength = maxDomainLength): readonly string[] {
  if (domain.length > maxLength) {
    return [`${use} domain "${domain}" is longer than ${maxLength} characters`]
  }
  // A domain of one label (`localhost`, `internal`) is fine here: below it every hostname has two.
  const rule = brokenHostnameRule(`x.${domain}`)
  if (rule !== undefined) return [`${use} domain "${domain}" ${rule}`]
  if (isReservedForEncodings(domain) && !domain.startsWith('xn--')) {
    return [`${use} domain "${domain}" must not have "--" as third and fourth character`]
  }
  return []
}
