import { type KindDefinition, StatusError } from '@pulse/api'

export type Verb =
  | 'create'
  | 'delete'
  | 'deletecollection'
  | 'get'
  | 'list'
  | 'patch'
  | 'update'
  | 'watch'

/** What may be asked of a whole kind and of one object; discovery, OpenAPI and dispatch read the same tables. */
const collectionVerbs: Readonly<Record<string, Verb>> = {
  GET: 'list',
  POST: 'create',
  DELETE: 'deletecollection',
}
const objectVerbs: Readonly<Record<string, Verb>> = {
  GET: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

const allVerbs: readonly Verb[] = [
  ...new Set<Verb>([...Object.values(collectionVerbs), ...Object.values(objectVerbs), 'watch']),
].sort()

/** What may be asked of a kind. As in Kubernetes no single request empties the whole installation. */
export function resourceVerbs({ group, kind }: KindDefinition): readonly Verb[] {
  const isNamespace = group === '' && kind === 'Namespace'
  return isNamespace ? allVerbs.filter((verb) => verb !== 'deletecollection') : allVerbs
}

export interface Subresource {
  readonly name: 'status' | 'scale' | 'log'
  readonly verbs: readonly Verb[]
  readonly has: (definition: KindDefinition) => boolean
  /** Absent: the kind itself. */
  readonly responseKind?: {
    readonly group: string
    readonly version: string
    readonly kind: string
  }
}

const subresources: readonly Subresource[] = [
  { name: 'status', verbs: ['get', 'patch', 'update'], has: ({ hasStatus }) => hasStatus },
  {
    name: 'scale',
    verbs: ['get', 'patch', 'update'],
    has: ({ scale }) => scale !== undefined,
    responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  },
  { name: 'log', verbs: ['get'], has: ({ group, kind }) => group === '' && kind === 'Pod' },
]

export function subresourcesOf(definition: KindDefinition): readonly Subresource[] {
  return subresources.filter(({ has }) => has(definition))
}

export interface VerbTarget {
  readonly method: string
  readonly definition: KindDefinition
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly subresource: Subresource | undefined
}

/** The verb of a request, or 405: creating in no namespace, for one, is not allowed. */
export function verbOf(target: VerbTarget): Verb {
  const { method, definition, namespace, name, subresource } = target
  const verb = (name === undefined ? collectionVerbs : objectVerbs)[method]
  const needsNamespace = definition.namespaced && (name !== undefined || verb !== 'list')
  if (
    verb === undefined ||
    !resourceVerbs(definition).includes(verb) ||
    (needsNamespace && namespace === undefined) ||
    (subresource && !subresource.verbs.includes(verb))
  ) {
    throw new StatusError(
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      { group: definition.group, kind: definition.plural },
    )
  }
  return verb
}
