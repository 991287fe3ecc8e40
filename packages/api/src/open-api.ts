import type { KindDefinition } from './kind.ts'
import { objectMetaName, objectMetaSchema } from './object-meta-schema.ts'
import { recordOf, type UnknownRecord } from './record.ts'

/**
 * The OpenAPI v3 document of one group and version, as served at `/openapi/v3/apis/{group}/{version}`. Of the
 * operations it says what kubectl looks for: which kind each is about, and that a PATCH takes `fieldValidation`.
 */
export async function openApiDocument(
  kinds: readonly KindDefinition[],
  group: string,
  version: string,
): Promise<UnknownRecord> {
  const { officialOpenApi, officialParts } = await import('./built-in/official-open-api.ts')
  const own = kinds.filter((kind) => kind.group === group && kind.version === version)
  const builtIn = own.filter(({ structural }) => !structural)
  const schemas = own.flatMap((kind) =>
    schemasOf(
      kind,
      kind.structural ? ownSchema(kind) : { ...kind.schema, ...officialOpenApi(kind) },
    ),
  )
  return {
    openapi: '3.0.0',
    info: { title: 'Pulse', version },
    paths: Object.fromEntries(own.flatMap(pathsOf)),
    components: {
      schemas: {
        ...(builtIn.length < own.length && { [objectMetaName]: objectMetaSchema }),
        ...officialParts(builtIn),
        ...Object.fromEntries(schemas),
      },
    },
  }
}

/** `com.planapulse.v1alpha1.PLANAClient`, `io.k8s.api.apps.v1.Deployment`. */
export function openApiName({ group, version, kind }: KindDefinition): string {
  if (group === '') return `io.k8s.api.core.${version}.${kind}`
  if (!group.includes('.')) return `io.k8s.api.${group}.${version}.${kind}`
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`
}

function ownSchema({ schema }: KindDefinition): UnknownRecord {
  const metadata = { allOf: [reference(objectMetaName)], default: {} }
  return { ...schema, properties: { ...recordOf(schema.properties), metadata } }
}

function schemasOf(kind: KindDefinition, schema: UnknownRecord): [string, UnknownRecord][] {
  const name = openApiName(kind)
  return [
    [name, schema],
    [
      `${name}List`,
      {
        type: 'object',
        description: `A list of ${kind.kind}.`,
        required: ['items'],
        properties: {
          apiVersion: { type: 'string' },
          kind: { type: 'string' },
          metadata: { type: 'object' },
          items: { type: 'array', items: reference(name) },
        },
        'x-kubernetes-group-version-kind': [{ ...gvk(kind), kind: `${kind.kind}List` }],
      },
    ],
  ]
}

function pathsOf(kind: KindDefinition): [string, UnknownRecord][] {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`
  const scope = kind.namespaced ? `${root}/namespaces/{namespace}` : root
  const list = `${scope}/${kind.plural}`
  const item = `${list}/{name}`
  const parameters = [
    pathParameter('name'),
    ...(kind.namespaced ? [pathParameter('namespace')] : []),
  ]
  const listParameters = parameters.slice(1)
  return [
    [
      list,
      {
        get: operation(kind, 'list', { list: true }),
        post: operation(kind, 'post', { query: writeQuery, body: ['application/json'] }),
        parameters: listParameters,
      },
    ],
    [item, { ...itemOperations(kind), parameters }],
    ...(kind.hasStatus
      ? [[`${item}/status`, { ...statusOperations(kind), parameters }] satisfies [string, unknown]]
      : []),
  ]
}

function itemOperations(kind: KindDefinition): UnknownRecord {
  return { ...statusOperations(kind), delete: operation(kind, 'delete', { query: ['dryRun'] }) }
}

function statusOperations(kind: KindDefinition): UnknownRecord {
  return {
    get: operation(kind, 'get'),
    put: operation(kind, 'put', { query: writeQuery, body: ['application/json'] }),
    patch: operation(kind, 'patch', { query: [...writeQuery, 'force'], body: patchTypes }),
  }
}

const writeQuery = ['dryRun', 'fieldManager', 'fieldValidation']

/**
 * Strategic merge patches are served but not named here: where kubectl finds them named it reckons them by this
 * document, whose schemas of Kubernetes' own kinds know no merge keys, instead of by its own types, which do.
 */
const patchTypes = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
]

interface OperationParts {
  readonly list?: boolean
  readonly query?: readonly string[]
  /** Content types of the request. */
  readonly body?: readonly string[]
}

function operation(
  kind: KindDefinition,
  action: string,
  { list = false, query = [], body = [] }: OperationParts = {},
): UnknownRecord {
  const name = openApiName(kind)
  const schema = reference(list ? `${name}List` : name)
  const contents = body.map((type) => [
    type,
    { schema: body.length > 1 ? { type: 'object' } : schema },
  ])
  return {
    description: `${action} ${kind.kind}`,
    parameters: query.map((parameter) => ({
      name: parameter,
      in: 'query',
      schema: { type: parameter === 'force' ? 'boolean' : 'string' },
    })),
    ...(body.length === 0 ? {} : { requestBody: { content: Object.fromEntries(contents) } }),
    responses: { 200: { description: 'OK', content: { 'application/json': { schema } } } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk(kind),
  }
}

function gvk({ group, version, kind }: KindDefinition) {
  return { group, version, kind }
}

function pathParameter(name: string) {
  return { name, in: 'path', required: true, schema: { type: 'string' } }
}

function reference(name: string) {
  return { $ref: `#/components/schemas/${name}` }
}
