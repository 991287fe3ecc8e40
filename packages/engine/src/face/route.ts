import { badRequest } from '../store/refusals.ts'

/** What a path names. Everything that is not a resource is a document with a fixed path. */
export type Route =
  | { readonly type: 'document'; readonly path: string }
  | ({ readonly type: 'resource' } & ResourceRoute)

export interface ResourceRoute {
  readonly group: string
  readonly version: string
  readonly namespace?: string
  readonly plural: string
  readonly name?: string
  readonly subresource?: string
}

/** Subresources of a Namespace itself; any other third part is a resource inside it. */
const namespaceSubresources = new Set(['status', 'finalize'])

/** Reads a path as Kubernetes does: `/apis/apps/v1/namespaces/acme/deployments/odoo/scale`. */
export function parseRoute(path: string): Route | undefined {
  const parts = path.split('/').slice(1)
  if (parts.at(-1) === '') parts.pop()
  if (parts.length > 9 || parts.includes('')) return undefined
  const names = parts.map(decode)
  // `..` or an encoded slash inside a name would be another object's path for whoever joins it again.
  if (names.some((name) => name === '.' || name === '..' || name.includes('/'))) return undefined
  const inGroup = names[0] === 'apis'
  const lead = inGroup ? 3 : 2
  if ((names[0] !== 'api' && !inGroup) || names.length <= lead) {
    return { type: 'document', path: `/${names.join('/')}` }
  }
  const group = inGroup ? (names[1] ?? '') : ''
  const version = names[lead - 1] ?? ''
  const rest = parseResource(names.slice(lead))
  return rest && { type: 'resource', group, version, ...rest }
}

function parseResource(
  names: readonly string[],
): Omit<ResourceRoute, 'group' | 'version'> | undefined {
  const [first = '', second = '', third = ''] = names
  const isInside = first === 'namespaces' && names.length > 2 && !namespaceSubresources.has(third)
  const [plural = '', name, subresource, ...more] = isInside ? names.slice(2) : names
  if (more.length > 0) return undefined
  return {
    ...(isInside && { namespace: second }),
    plural,
    ...(name !== undefined && { name }),
    ...(subresource !== undefined && { subresource }),
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw badRequest('the path is not valid percent-encoded UTF-8')
  }
}
