import { StatusError } from '@pulse/api'

/** What `create` calls the fields that it writes. */
const options: Readonly<Record<string, string>> = {
  'metadata.name': 'NAME',
  'spec.subdomain': 'NAME',
  'spec.projectId': '--project',
  'spec.ownerEmail': '--owner',
  'spec.ownerName': '--company',
  'spec.tier': '--tier',
  'spec.odooVersion': '--odoo',
  'spec.hosting': '--hosting',
  'spec.resources': '--resources',
  'spec.settings.language': '--language',
  'spec.settings.timezone': '--timezone',
  'spec.settings.currency': '--currency',
  'spec.settings.country': '--country',
}

/**
 * The refusal in the words of the command line. The name stands in two fields, so what is wrong with it is told once:
 * by the subdomain, whose rules are the narrower ones.
 */
export function inWordsOfCreate(error: StatusError): StatusError {
  const { causes = [] } = error.details
  if (causes.length === 0) return error
  const isNameTold = causes.some(({ field }) => field === 'spec.subdomain')
  const told = causes
    .filter(({ field }) => !(isNameTold && field === 'metadata.name'))
    .map((cause) => ({ ...cause, field: optionOf(cause.field) }))
  const message = error.message.replace(/ is invalid: .*$/s, ' is invalid')
  return new StatusError(
    error.reason,
    message,
    { ...error.details, causes: told },
    { cause: error },
  )
}

function optionOf(field: string): string {
  return field.startsWith('spec.aliases') ? '--alias' : (options[field] ?? field)
}
