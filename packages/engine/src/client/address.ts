import type { KindDefinition } from '@pulse/api'

interface Place {
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
}

/** `/apis/apps/v1/namespaces/acme/deployments/odoo/scale`. */
export function addressOf(definition: KindDefinition, place: Place): string {
  const { group, version, plural } = definition
  const { namespace, name, subresource } = place
  const parts = [
    ...(group === '' ? ['api'] : ['apis', group]),
    version,
    ...(definition.namespaced && namespace ? ['namespaces', namespace] : []),
    plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ]
  return `/${parts.map(encodeURIComponent).join('/')}`
}
