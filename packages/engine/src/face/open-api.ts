import { createHash } from 'node:crypto'
import { apiVersionOf, type KindDefinition, openApiDocument } from '@pulse/api'
import { type Answer, jsonAnswer } from './answer.ts'
import { groupVersionsOf } from './group-versions.ts'

interface Document {
  readonly path: string
  readonly body: string
  readonly hash: string
}

export interface OpenApi {
  /** `/openapi/v3`: where the document of each group is, with the hash of its content. */
  index(): Answer
  /**
   * `/openapi/v2`, with nothing in it. kubectl asks for it, in protobuf, where the documents of version 3 lack a kind:
   * told that there is none, it says that the kind is unknown; told nothing, that validation must be turned off.
   */
  empty(accept: string | undefined): Answer
  /** One group's document; a stale hash is sent on to the present one. */
  document(path: string, query: URLSearchParams): Answer | undefined
}

/** OpenAPI v3 of all kinds, written from the registry once. */
export function createOpenApi(kinds: readonly KindDefinition[]): OpenApi {
  const documents = new Map(
    groupVersionsOf(kinds).map((members) => {
      const path = `${members.group === '' ? 'api' : 'apis'}/${apiVersionOf(members)}`
      const body = JSON.stringify(openApiDocument(kinds, members.group, members.version))
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
    empty(accept = '') {
      if (!accept.includes('protobuf')) {
        return jsonAnswer({ swagger: '2.0', info: { title: 'Pulse', version: '' }, paths: {} })
      }
      const contentType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
      return { code: 200, contentType, body: '' }
    },
    document(path, query) {
      const document = documents.get(path)
      if (!document) return undefined
      const asked = query.get('hash') ?? document.hash
      const { body, hash } = document
      if (asked !== hash) {
        const headers = { Location: addressOf(document) }
        return { code: 301, contentType: 'text/plain', headers, body: '' }
      }
      const isNamed = query.has('hash')
      return {
        code: 200,
        contentType: 'application/json',
        headers: {
          ETag: `"${hash}"`,
          // What has its hash in its address never changes.
          ...(isNamed && { 'Cache-Control': 'public, immutable' }),
        },
        body,
      }
    },
  }
}
