import { type Cause, forbidden, invalid } from './cause.ts'
import { brokenHostnameRule, isUnder } from './hostnames.ts'
import type { Domains } from './names.ts'
import type { KubeObject } from './object.ts'
import { listAt, textAt } from './record.ts'

/** Each alias is a hostname of the customer's own: once, and not under the platform's domains. */
export function aliasCauses(object: KubeObject, domains: Domains): readonly Cause[] {
  const aliases = listAt(object, 'spec.aliases')
  const subdomain = textAt(object, 'spec.subdomain')
  return aliases.flatMap((alias, index): readonly Cause[] => {
    if (typeof alias !== 'string') return []
    const field = `spec.aliases[${index}]`
    const broken = brokenHostnameRule(alias)
    if (broken !== undefined) return [invalid(field, broken)]
    if (aliases.indexOf(alias) < index) {
      return [{ reason: 'FieldValueDuplicate', field, message: 'is given twice' }]
    }
    return domainCauses(alias, field, subdomain, domains)
  })
}

/** Under `domains.alias` a tenant may have its own label; elsewhere on our domains names are not for the asking. */
function domainCauses(
  alias: string,
  field: string,
  subdomain: string | undefined,
  { tenant, dev, alias: aliasDomain, platform = [] }: Domains,
): readonly Cause[] {
  if (aliasDomain !== undefined && alias === `${subdomain}.${aliasDomain}`) return []
  if (aliasDomain !== undefined && isUnder(alias, aliasDomain)) {
    return [forbidden(field, `must be {subdomain}.${aliasDomain} under this domain`)]
  }
  const ours = [tenant, dev, ...platform].find((domain) => isUnder(alias, domain))
  if (ours === undefined) return []
  return [forbidden(field, `must not be under ${ours}, which belongs to the platform`)]
}
