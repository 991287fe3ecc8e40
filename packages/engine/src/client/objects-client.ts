import { hasReason, type KubeObject, type ObjectRef, refOf } from '@pulse/api'
import type {
  KindLookup,
  ListQuery,
  Objects,
  Patch,
  SubresourceOptions,
  WriteOptions,
} from '../objects.ts'
import { addressOf } from './address.ts'
import { type ConnectionOptions, createConnection } from './connection.ts'
import { isObject, parseList, parseObject } from './received.ts'
import { watchStream } from './watch-stream.ts'

export interface ObjectsClientOptions extends ConnectionOptions {
  /** How kinds are called in paths. */
  readonly kinds: KindLookup
}

export interface PodLogQuery {
  readonly namespace: string
  readonly pod: string
  readonly container?: string
  readonly follow?: boolean
  readonly previous?: boolean
  readonly tailLines?: number
}

export interface ObjectsClient extends Objects {
  /** The log of a container as it comes; ends with the signal, or with the container if it is followed. */
  logs(query: PodLogQuery, signal: AbortSignal): AsyncIterable<Buffer>
}

const patchTypes: Readonly<Record<Patch['type'], string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
}

/** The resources of an API server as `Objects`: what the `pulse` command works with. */
export function createObjectsClient({ kinds, ...options }: ObjectsClientOptions): ObjectsClient {
  const connection = createConnection(options)
  const pathOf = (ref: ObjectRef, subresource?: string) =>
    addressOf(kinds(ref.apiVersion, ref.kind), { ...ref, ...(subresource && { subresource }) })
  const placeOf = ({ apiVersion, kind, namespace }: Omit<ListQuery, 'limit'>) =>
    addressOf(kinds(apiVersion, kind), { ...(namespace && { namespace }) })

  const get = async (ref: ObjectRef): Promise<KubeObject | undefined> => {
    try {
      return parseObject(await connection.exchange({ method: 'GET', path: pathOf(ref) }))
    } catch (error) {
      if (hasReason(error, 'NotFound') && error.details.name === ref.name) return undefined
      throw error
    }
  }
  const list: Objects['list'] = async (query) => {
    const { signal } = query
    const request = { method: 'GET', path: placeOf(query), query: listQuery(query) }
    return parseList(await connection.exchange({ ...request, ...(signal && { signal }) }))
  }

  return {
    get,
    list,

    async *watch(query) {
      const { signal } = query
      const since = query.resourceVersion ?? (await list({ ...query, limit: 1 })).resourceVersion
      const bookmarks = query.bookmarkSeconds === undefined ? undefined : 'true'
      const wanted = { ...selectors(query), allowWatchBookmarks: bookmarks }
      const request = { method: 'GET', path: placeOf(query), query: wanted }
      yield* watchStream(connection, request, { since, signal })
    },

    async create(object, write) {
      const path = placeOf({ ...refOf(object) })
      const query = writeQuery(write)
      return parseObject(await connection.exchange({ method: 'POST', path, query, body: object }))
    },

    async update(object, write) {
      const path = pathOf(refOf(object), write.subresource)
      const query = writeQuery(write)
      return parseObject(await connection.exchange({ method: 'PUT', path, query, body: object }))
    },

    async patch(ref, { type, patch }, write) {
      return parseObject(
        await connection.exchange({
          method: 'PATCH',
          path: pathOf(ref, write.subresource),
          query: writeQuery(write),
          contentType: patchTypes[type],
          body: patch,
        }),
      )
    },

    async apply(object, write) {
      return parseObject(
        await connection.exchange({
          method: 'PATCH',
          path: pathOf(refOf(object), write.subresource),
          query: { ...writeQuery(write), force: write.force ? 'true' : undefined },
          contentType: 'application/apply-patch+yaml',
          body: object,
        }),
      )
    },

    async delete(ref, { dryRun, ...wish } = {}) {
      // The answer to a removal only names what is gone.
      const before = await get(ref)
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', ...wish }
      const query = { dryRun: dryRun ? 'All' : undefined }
      const answer = await connection.exchange({ method: 'DELETE', path: pathOf(ref), query, body })
      const isWhole = isObject(answer) && answer.kind === ref.kind
      return isWhole ? answer : parseObject(before)
    },

    async *logs({ namespace, pod, ...wish }, signal) {
      const path = pathOf({ apiVersion: 'v1', kind: 'Pod', namespace, name: pod }, 'log')
      const query = {
        container: wish.container,
        follow: wish.follow ? 'true' : undefined,
        previous: wish.previous ? 'true' : undefined,
        tailLines: wish.tailLines?.toString(),
      }
      try {
        yield* await connection.stream({ method: 'GET', path, query, signal })
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },

    async close() {
      connection.close()
    },
  }
}

/** A refusal names the unknown field: what a program sends wrong should not be dropped in silence. */
function writeQuery({ fieldManager, dryRun }: WriteOptions | SubresourceOptions) {
  return { fieldManager, fieldValidation: 'Strict', dryRun: dryRun ? 'All' : undefined }
}

function selectors({ labelSelector, fieldSelector }: Omit<ListQuery, 'limit'>) {
  return { labelSelector, fieldSelector }
}

function listQuery(query: ListQuery) {
  return { ...selectors(query), limit: query.limit?.toString(), continue: query.continue }
}
