import type { Objects, Relations, Store } from '../objects.ts'
import type { Backend } from './backend.ts'
import { decodeContinue, encodeContinue } from './continue-token.ts'
import { definitionOf } from './identity.ts'
import { cacheReads } from './read-cache.ts'
import { badRequest, expired } from './refusals.ts'
import { parseSelector } from './selectors.ts'
import { watchChanges } from './watch.ts'
import { createWrites, type StoreOptions } from './writes.ts'

/** A whole store over a backend: here is decided what a request means, the backend carries it out. */
export function createStore(backend: Backend, options: StoreOptions): Store {
  const { exact, cached } = cacheReads(backend)
  const { unreadable } = backend
  return { ...createObjects(exact, options), cached: createObjects(cached, options), unreadable }
}

function createObjects(backend: Backend, options: StoreOptions): Objects & Relations {
  const { kinds } = options
  return {
    ...createWrites({ ...options, backend }),

    async get(ref) {
      definitionOf(kinds, ref)
      return backend.read(ref)
    },

    async list(query) {
      const definition = kinds(query.apiVersion, query.kind)
      const { items, version, hasMore, remaining, last } = await backend.page({
        ...placeOf(query),
        selector: parseSelector(definition, query),
        ...(query.limit !== undefined && query.limit > 0 && { limit: query.limit }),
        ...(query.isWhole && { isWhole: true }),
        ...(query.isLean && { isLean: true }),
        ...(query.continue && { after: decodeContinue(query.continue) }),
      })
      const end = last ?? items.at(-1)?.metadata
      const resourceVersion = String(version)
      if (!hasMore || end === undefined) return { items, resourceVersion }
      const { name, namespace = '' } = end
      const asked = query.isLoose ? 'now' : version
      const isCounted = !query.labelSelector && !query.fieldSelector && remaining !== undefined
      return {
        items,
        resourceVersion,
        continue: encodeContinue({ version: asked, namespace, name, remaining }),
        ...(isCounted && { remainingItemCount: remaining }),
      }
    },

    watch(query) {
      const definition = kinds(query.apiVersion, query.kind)
      const scope = { ...placeOf(query), selector: parseSelector(definition, query) }
      return watchChanges(backend.feed, scope, {
        after: parseVersion(query.resourceVersion),
        signal: query.signal,
        bookmarkSeconds: query.bookmarkSeconds,
      })
    },

    dependentsOf: async (uid) => (await backend.related({ owner: uid })).items,
    labelled: async (label, value) => (await backend.related({ label, value })).items,
    doubtful: async () => (await backend.related({ doubtful: true })).items,

    close: () => backend.close(),
  }
}

function placeOf(query: {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
}) {
  const { apiVersion, kind, namespace } = query
  return { apiVersion, kind, ...(namespace && { namespace }) }
}

function parseVersion(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  if (!/^\d{1,16}$/.test(text)) throw badRequest(`invalid resourceVersion "${text}"`)
  const version = Number(text)
  if (!Number.isSafeInteger(version)) throw expired()
  return version
}
