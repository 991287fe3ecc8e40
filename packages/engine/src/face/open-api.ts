import { createHash } from 'node:crypto'
import { apiVersionOf, type KindDefinition } from '@pulse/api'
import { type Answer, jsonAnswer } from './answer.ts'
import { type GroupVersion, groupVersionsOf } from './group-versions.ts'

interface Document {
  readonly path: string
  readonly body: string
  readonly hash: string
}

export interface OpenApi {
  /** `/openapi/v3`: where the document of each group is, with the hash of its content. */
  index(): Answer
  /** One group's document; a stale hash is sent on to the present one. */
  document(path: string, query: URLSearchParams): Answer | undefined
}

/** OpenAPI v3 of all kinds, written from the registry once. */
export function createOpenApi(kinds: readonly KindDefinition[], version: string): OpenApi {
  const documents = new Map(
    groupVersionsOf(kinds).map((members) => {
      const path = `${members.group === '' ? 'api' : 'apis'}/${apiVersionOf(members)}`
      const body = JSON.stringify(makeDocument(members, version))
      const hash = createHash('sha512').update(body).digest('hex').toUpperCase()
      return [path, { path, body, hash }] as const
    }),
  )
  const addressOf = ({ path, hash }: Document) => `/openapi/v3/${path}?hash=${hash}`
  return {
    index: () =>
      jsonAnswer({
        paths: Object.fromEntries(
          [...documents.values()].map((document) => [
            document.path,
            { serverRelativeURL: addressOf(document) },
          ]),
        ),
      }),
    document(path, query) {
      const document = documents.get(path)
      if (!document) return undefined
      const asked = query.get('hash') ?? document.hash
      const { body, hash } = document
      if (asked !== hash) {
        const headers = { Location: addressOf(document) }
        return { code: 301, contentType: 'text/plain', headers, body: '' }
      }
      return { code: 200, contentType: 'application/json', headers: { ETag: `"${hash}"` }, body }
    },
  }
}

function makeDocument({ kinds }: GroupVersion, version: string) {
  return {
    openapi: '3.0.0',
    info: { title: 'Pulse', version },
    paths: Object.assign({}, ...kinds.map(pathsOf)),
    components: {
      schemas: Object.fromEntries(kinds.map((kind) => [schemaName(kind), schemaOf(kind)])),
    },
  }
}

/** `com.planapulse.v1alpha1.PLANAClient`, as the schemas of a cluster are named. */
function schemaName({ group, version, kind }: KindDefinition): string {
  const domain = group === '' ? 'io.k8s.api.core' : group.split('.').reverse().join('.')
  return `${domain}.${version}.${kind}`
}

function schemaOf({ schema, group, version, kind }: KindDefinition) {
  return { ...schema, 'x-kubernetes-group-version-kind': [{ group, version, kind }] }
}

const actions = {
  get: 'get',
  put: 'put',
  patch: 'patch',
  delete: 'delete',
} as const

/** kubectl looks for the parameters of PATCH: without them it would validate by itself. */
const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force']
const patchContent = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
]

function pathsOf(definition: KindDefinition) {
  const { namespaced, plural, group } = definition
  const root = `/${group === '' ? 'api' : 'apis'}/${apiVersionOf(definition)}`
  const place = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`
  const many = { get: operation(definition, 'list'), post: operation(definition, 'post') }
  const one = Object.fromEntries(
    Object.entries(actions).map(([method, action]) => [method, operation(definition, action)]),
  )
  return {
    [place]: many,
    ...(namespaced && { [`${root}/${plural}`]: { get: operation(definition, 'list') } }),
    [`${place}/{name}`]: one,
  }
}

function operation(definition: KindDefinition, action: string) {
  const { group, version, kind } = definition
  const isWrite = action === 'post' || action === 'put' || action === 'patch'
  const schema = { $ref: `#/components/schemas/${schemaName(definition)}` }
  const content = (types: readonly string[]) =>
    Object.fromEntries(types.map((type) => [type, { schema }]))
  return {
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind },
    ...(isWrite && {
      parameters: writeParameters.map((name) => ({
        name,
        in: 'query',
        schema: { type: name === 'force' ? 'boolean' : 'string', uniqueItems: true },
      })),
      requestBody: { content: content(action === 'patch' ? patchContent : ['application/json']) },
    }),
    responses: { 200: { description: 'OK', content: content(['application/json']) } },
  }
}
