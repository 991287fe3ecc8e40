import { isRecord, type KubeObject, keyOf, type ObjectRef, refOf } from '@pulse/api'
import type {
  Backend,
  Change,
  Page,
  PageQuery,
  Related,
  RelationQuery,
  Transaction,
} from './backend.ts'
import { ownerUids } from './owner-uids.ts'
import { createRecent } from './recent.ts'
import { matches, type Selector } from './selectors.ts'

export interface CachedBackend {
  /** Reads what is committed. */
  readonly exact: Backend
  /** Reads what this process has heard of, as client-go's informers do; what it hands out is shared and frozen. */
  readonly cached: Backend
}

/** Longer lists are not kept. */
const longestList = 100

/**
 * Keeps the objects, the short lists and what belongs to an owner, as they were read last, a bounded number. What this process writes, through
 * either backend, is known before the write returns. What others write is known when the feed tells it, and no watch
 * tells it earlier: whoever looks because of a change sees that change.
 */
export function cacheReads(
  backend: Backend,
  most = { objects: 1_500, lists: 500, owners: 200 },
): CachedBackend {
  const objects = createRecent<KubeObject | undefined>(most.objects)
  const lists = createRecent<KeptList>(most.lists)
  const owned = createRecent<KeptOwned>(most.owners)
  /** Everything up to here has been heard of; own writes may be ahead of the feed. */
  let newest = 0
  /** What the feed has told of last. */
  let told = 0

  function change({ version, object, previous, ...ref }: Change, isOwn: boolean) {
    newest = Math.max(newest, version)
    if (!isOwn) told = version
    // Made when it is asked for: of most changes nobody keeps anything. What was written is the writer's own.
    const keep = lazily(() => frozen(isOwn ? structuredClone(object) : object))
    objects.change(keyOf(ref), version, () => {
      const value = keep()
      return value && { value, version }
    })
    lists.change(placeOf(ref), version, ({ value, ...before }) => {
      const after = listAfter(value, { version, object: keep(), name: ref.name, isOwn })
      // What others wrote before an own change may still be unheard.
      return after && { value: after, version: isOwn ? before.version : version }
    })
    const key = keyOf(ref)
    const owners = new Set([object, previous].flatMap((one) => (one ? ownerUids(one) : [])))
    // Others may have taken it from owners that still have it here: the feed has not told of them yet.
    const isKnown = !isOwn || (previous && versionOf(previous) <= told)
    for (const owner of isKnown ? owners : owned.groups()) {
      owned.change(owner, version, ({ value, ...before }) => {
        if (!owners.has(owner) && !value.items.has(key)) return { value, ...before }
        const after = ownedAfter(value, { owner, key, version, object: keep(), isOwn })
        return after && { value: after, version: isOwn ? before.version : version }
      })
    }
  }

  backend.feed.subscribe({
    change: (told) => change(told, false),
    expired() {
      objects.clear()
      lists.clear()
      owned.clear()
    },
  })

  function read(ref: ObjectRef) {
    return objects.read(keyOf(ref), '', async () => {
      const value = frozen(await backend.read(ref))
      return { value, version: value && versionOf(value) }
    })
  }

  async function page(query: PageQuery) {
    const { namespace, limit, after, selector, isLean } = query
    if (isLean) return backend.page(query)
    if (namespace === undefined || limit !== undefined || after) {
      return keepEach(await backend.page(query))
    }
    const place = placeOf({ ...query, namespace })
    const found = await lists.read(place, JSON.stringify(selector), async () => {
      const { items, version, hasMore } = frozen(await backend.page(query))
      return { value: { selector, page: { items, version, hasMore } }, version }
    })
    if (found.page.items.length > longestList) lists.forget(place)
    return found.page
  }

  /** Whoever is listed page by page is looked at soon. */
  function keepEach<Found extends Related>(found: Found): Found {
    // What has changed since it was read must not come back.
    if (newest > found.version) return found
    for (const item of frozen(found.items)) {
      objects.keep(keyOf(refOf(item)), '', { value: item, version: versionOf(item) })
    }
    return found
  }

  async function related(query: RelationQuery): Promise<Related> {
    if (!('owner' in query)) return backend.related(query)
    const { items, version } = await owned.read(query.owner, '', async () => {
      const found = keepEach(frozen(await backend.related(query)))
      return { value: keptOwned(found), version: found.version }
    })
    return { items: [...items.values()], version }
  }

  async function transact<T>(
    work: (transaction: Transaction) => Promise<T>,
    options: Parameters<Backend['transact']>[1],
  ): Promise<T> {
    const written: Change[] = []
    const result = await backend.transact((inner) => work(noting(inner, written)), options)
    if (options.keep) for (const own of written) change(own, true)
    return result
  }

  return { exact: { ...backend, transact }, cached: { ...backend, transact, read, page, related } }
}

interface KeptList {
  readonly selector: Selector
  readonly page: Page
}

interface KeptOwned {
  readonly items: ReadonlyMap<string, KubeObject>
  readonly version: number
}

interface Now {
  readonly name: string
  readonly version: number
  readonly object: KubeObject | undefined
  /** Known ahead of the feed, which may still tell what others wrote before. */
  readonly isOwn: boolean
}

/**
 * The list with one object as it is now; undefined: to be read anew, since nothing in it would show that what is told
 * late is older. What is ahead of the feed does not count for its version: a watch from there misses nothing.
 */
function listAfter({ selector, page }: KeptList, now: Now): KeptList | undefined {
  const { name, version, object, isOwn } = now
  const before = page.items.find(({ metadata }) => metadata.name === name)
  if (before && versionOf(before) >= version) return { selector, page }
  const isIn = object !== undefined && matches(selector, object)
  if (!isIn && isOwn) return undefined
  const others = page.items.filter((item) => item !== before)
  const items = isIn ? [...others, object].toSorted(byName) : others
  return { selector, page: { ...page, items, ...(!isOwn && { version }) } }
}

interface NowOwned extends Omit<Now, 'name'> {
  readonly owner: string
  readonly key: string
}

function keptOwned({ items, version }: Related): KeptOwned {
  return { items: new Map(items.map((item) => [keyOf(refOf(item)), item])), version }
}

/** The same for what belongs to an owner, of whatever kind. */
function ownedAfter({ items, version }: KeptOwned, now: NowOwned): KeptOwned | undefined {
  const before = items.get(now.key)
  if (before && versionOf(before) >= now.version) return { items, version }
  const isIn = now.object !== undefined && ownerUids(now.object).includes(now.owner)
  if (!isIn && now.isOwn) return undefined
  const after = new Map(items)
  after.delete(now.key)
  if (isIn && now.object) after.set(now.key, now.object)
  return { items: after, version: now.isOwn ? version : now.version }
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

function byName(a: KubeObject, b: KubeObject): number {
  return a.metadata.name < b.metadata.name ? -1 : 1
}

/** The same transaction; what it writes is noted as the feed will tell it. */
function noting(transaction: Transaction, written: Change[]): Transaction {
  const note = (stored: KubeObject, object: KubeObject | undefined, previous?: KubeObject) => {
    const { apiVersion, kind, metadata } = stored
    const { name, namespace = '' } = metadata
    const place = { apiVersion, kind, namespace, name }
    written.push({
      ...place,
      version: versionOf(stored),
      ...(object && { object }),
      ...(previous && { previous }),
    })
  }
  return {
    ...transaction,
    async put(write) {
      const stored = await transaction.put(write)
      note(stored, stored, write.previous)
      return stored
    },
    async remove(object, previous) {
      const removed = await transaction.remove(object, previous)
      note(removed, undefined, previous)
      return removed
    },
  }
}

function versionOf({ metadata }: KubeObject): number {
  return Number(metadata.resourceVersion)
}

/** `apps/v1/Deployment/instance-acme`: where a list looks. */
function placeOf(place: Readonly<Record<'apiVersion' | 'kind' | 'namespace', string>>): string {
  return `${place.apiVersion}/${place.kind}/${place.namespace}`
}

/** Many hold what is kept: whoever changed it would change it for all. */
function frozen<T>(value: T): T {
  if (Array.isArray(value)) value.forEach(frozen)
  else if (isRecord(value)) Object.values(value).forEach(frozen)
  return Object.freeze(value)
}
