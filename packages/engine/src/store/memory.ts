import { type KubeObject, keyOf, type ObjectRef, refOf } from '@pulse/api'
import type { Store } from '../objects.ts'
import type { Backend, Change, Page, PageQuery, RelationQuery, Transaction } from './backend.ts'
import { createStore } from './create-store.ts'
import { copyJson } from './json.ts'
import { createMemoryChanges, type MemoryChanges } from './memory-changes.ts'
import { ownerUids } from './owner-uids.ts'
import { matches } from './selectors.ts'
import type { StoreOptions } from './writes.ts'

export interface MemoryOptions extends StoreOptions {
  /** How many changes watches and later pages can look back on. */
  readonly keptChanges?: number
}

/** A store for tests and for `pulse render`: the same promises as PostgreSQL, gone with the process. */
export function createMemoryObjects(options: MemoryOptions): Store {
  return createStore(createMemoryBackend(options.keptChanges ?? 10_000), options)
}

interface State {
  readonly objects: Map<string, KubeObject>
  /** Unique names, and the uid of the object that holds each. */
  readonly names: Map<string, string>
  readonly changes: MemoryChanges
}

export function createMemoryBackend(keptChanges: number): Backend {
  const changes = createMemoryChanges(keptChanges)
  const state: State = { objects: new Map(), names: new Map(), changes }
  let queue: Promise<unknown> = Promise.resolve()
  return {
    read: async (ref) => readCopy(state, ref),
    page: async (query) => copyJson(pageOf(state, query)),
    related: async (query) => ({
      items: copyJson(relatedIn(state, query)),
      version: changes.position(),
    }),
    transact(work, { keep }) {
      const turn = queue.then(async () => {
        const staged: (() => void)[] = []
        const result = await work(transactionOn(state, staged))
        if (keep) for (const carryOut of staged) carryOut()
        return copyJson(result)
      })
      queue = turn.catch(() => undefined)
      return turn
    },
    feed: changes,
    unreadable: () => [],
    close: async () => changes.close(),
  }
}

function readCopy({ objects }: State, ref: ObjectRef): KubeObject | undefined {
  const object = objects.get(keyOf(ref))
  return object && copyJson(object)
}

function transactionOn(state: State, staged: (() => void)[]): Transaction {
  const nextVersion = () => state.changes.position() + staged.length + 1
  const stage = (object: KubeObject, carryOut: (version: number) => void) => {
    const version = nextVersion()
    staged.push(() => carryOut(version))
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
  }
  return {
    read: async (ref) => readCopy(state, ref),
    find: async (query) => copyJson(pageOf(state, query).items),
    takenNames: async (uid, names) =>
      names.filter((name) => (state.names.get(name) ?? uid) !== uid),
    async put({ object, previous, names }) {
      const stored = stage(object, (version) => {
        state.objects.set(keyOf(refOf(object)), stored)
        if (names !== undefined) holdNames(state, object.metadata.uid ?? '', names)
        state.changes.append({ ...changeOf(stored, version), object: stored, previous })
      })
      return stored
    },
    async remove(object, previous) {
      return stage(object, (version) => {
        state.objects.delete(keyOf(refOf(object)))
        holdNames(state, object.metadata.uid ?? '', [])
        state.changes.append({ ...changeOf(object, version), previous })
      })
    },
  }
}

function holdNames({ names: held }: State, uid: string, names: readonly string[]): void {
  for (const [name, holder] of held) {
    if (holder === uid) held.delete(name)
  }
  for (const name of names) held.set(name, uid)
}

function changeOf({ apiVersion, kind, metadata }: KubeObject, version: number): Change {
  const { name, namespace = '' } = metadata
  return { version, apiVersion, kind, namespace, name }
}

/** The newest state, or on a later page the state of the first page's version, as the log tells it. */
function pageOf(state: State, query: PageQuery): Page {
  const { after, limit, selector } = query
  const asked = after?.version ?? 'now'
  const version = asked === 'now' ? state.changes.position() : asked
  const objects = asked === 'now' ? state.objects.values() : objectsAt(state, version)
  const found = [...objects]
    .filter((object) => object.kind === query.kind && object.apiVersion === query.apiVersion)
    .filter(({ metadata }) => !query.namespace || metadata.namespace === query.namespace)
    .filter((object) => matches(selector, object))
    .toSorted(byPlace)
    .filter((object) => after === undefined || comesAfter(object, after))
  const page = limit === undefined ? found : found.slice(0, limit)
  const items = query.isLean ? page.map(withoutManagedFields) : page
  const remaining = found.length - items.length
  return { items, version, hasMore: remaining > 0, remaining }
}

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

function relatedIn({ objects }: State, query: RelationQuery): readonly KubeObject[] {
  const all = [...objects.values()]
  if ('owner' in query) return all.filter((object) => ownerUids(object).includes(query.owner))
  if ('label' in query) {
    return all.filter(({ metadata }) => metadata.labels?.[query.label] === query.value)
  }
  const uids = new Set(all.map(({ metadata }) => metadata.uid))
  return all.filter(
    (object) =>
      object.metadata.deletionTimestamp !== undefined ||
      ownerUids(object).some((uid) => !uids.has(uid)),
  )
}

function objectsAt({ objects, changes }: State, version: number): Iterable<KubeObject> {
  const then = new Map(objects)
  for (const { previous, ...change } of changes.since(version).toReversed()) {
    const { apiVersion, kind, namespace, name } = change
    const key = keyOf({ apiVersion, kind, name, ...(namespace !== '' && { namespace }) })
    if (previous === undefined) then.delete(key)
    else then.set(key, previous)
  }
  return then.values()
}

function byPlace(a: KubeObject, b: KubeObject): number {
  const { namespace = '' } = b.metadata
  return comesAfter(a, { namespace, name: b.metadata.name }) ? 1 : -1
}

function comesAfter(
  { metadata }: KubeObject,
  place: { readonly namespace: string; readonly name: string },
): boolean {
  const { namespace = '', name } = metadata
  return namespace === place.namespace ? name > place.name : namespace > place.namespace
}
