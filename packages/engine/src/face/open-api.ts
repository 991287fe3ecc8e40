import { createHash } from 'node:crypto'
import { apiVersionOf, type KindDefinition, openApiDocument } from '@pulse/api'
import { type Answer, jsonAnswer } from './answer.ts'
import { groupVersionsOf } from './group-versions.ts'

export interface OpenApi {
  /** `/openapi/v3`: where the document of each group is, with the hash of its content. */
  index(): Promise<Answer>
  /**
   * `/openapi/v2`, with nothing in it. kubectl asks for it, in protobuf, where the documents of version 3 lack a kind:
   * told that there is none, it says that the kind is unknown; told nothing, that validation must be turned off.
   */
  empty(accept: string | undefined): Answer
  /** One group's document; a stale hash is sent on to the present one. */
  document(path: string, query: URLSearchParams): Promise<Answer | undefined>
}

/**
 * OpenAPI v3 of all kinds, written from the registry when it is asked for: the documents are large, and clients keep
 * them, so only their hashes are kept here.
 */
export function createOpenApi(kinds: readonly KindDefinition[]): OpenApi {
  const groups = new Map(
    groupVersionsOf(kinds).map((members) => {
      const path = `${members.group === '' ? 'api' : 'apis'}/${apiVersionOf(members)}`
      return [path, members] as const
    }),
  )
  const hashes = new Map<string, string>()
  const write = async (path: string) => {
    const members = groups.get(path)
    if (!members) return undefined
    const body = JSON.stringify(await openApiDocument(kinds, members.group, members.version))
    const hash = createHash('sha512').update(body).digest('hex').toUpperCase()
    hashes.set(path, hash)
    return { body, hash }
  }
  const hashOf = async (path: string) => hashes.get(path) ?? (await write(path))?.hash
  const addressOf = (path: string, hash: string | undefined) => `/openapi/v3/${path}?hash=${hash}`
  return {
    async index() {
      const paths: Record<string, object> = {}
      for (const path of groups.keys()) {
        paths[path] = { serverRelativeURL: addressOf(path, await hashOf(path)) }
      }
      return jsonAnswer({ paths })
    },
    empty(accept = '') {
      if (!accept.includes('protobuf')) {
        return jsonAnswer({ swagger: '2.0', info: { title: 'Pulse', version: '' }, paths: {} })
      }
      const contentType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
      return { code: 200, contentType, body: '' }
    },
    async document(path, query) {
      const document = await write(path)
      if (!document) return undefined
      const { body, hash } = document
      const asked = query.get('hash') ?? hash
      if (asked !== hash) {
        const headers = { Location: addressOf(path, hash) }
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
