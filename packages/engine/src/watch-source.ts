import { hasReason, type KubeObject, type Log } from '@pulse/api'
import { backOffMilliseconds } from './back-off.ts'
import type { Clock } from './clock.ts'
import type { Objects } from './objects.ts'
import { pause } from './pause.ts'

export interface KindRef {
  readonly apiVersion: string
  readonly kind: string
}

export interface WatchSource {
  /** Resolves after the first list has been delivered. */
  readonly synced: Promise<void>
  /** Resolves after the signal, when nothing will be delivered any more. */
  readonly ended: Promise<void>
}

export interface WatchSourceOptions {
  readonly objects: Objects
  readonly log: Log
  readonly clock: Clock
  readonly random: () => number
  readonly signal: AbortSignal
  /** An object that came, changed or (`gone`) went; without `metadata.managedFields` where it was listed. */
  readonly onChange: (object: KubeObject, gone: boolean) => void
  /** The watch was interrupted: changes of other objects than those delivered may have been missed. */
  readonly onGap: () => void
}

const pageSize = 500
const backOff = { firstMilliseconds: 50, longestMilliseconds: 10_000 }

/** Follows all objects of one kind for as long as the signal lasts, through every failure of the store. */
export function followKind(kind: KindRef, options: WatchSourceOptions): WatchSource {
  const { clock, signal } = options
  // Of each object that is known to be no more than this: there are many, and they stay in the store.
  const known = new Set<string>()
  const { promise: synced, resolve: resolveSynced } = Promise.withResolvers<void>()

  function deliver(object: KubeObject, gone: boolean) {
    if (gone) known.delete(placeOf(object))
    else known.add(placeOf(object))
    options.onChange(object, gone)
  }

  /** Lists page by page; what was known and is not there any more is delivered as gone, by its name alone. */
  async function listAll(): Promise<string> {
    const vanished = new Set(known)
    const query = { ...kind, limit: pageSize, isLean: true }
    let page = await options.objects.list(query)
    for (;;) {
      for (const object of page.items) {
        vanished.delete(placeOf(object))
        deliver(object, false)
      }
      if (page.continue === undefined) break
      page = await options.objects.list({ ...query, continue: page.continue })
    }
    for (const place of vanished) deliver({ ...kind, metadata: metadataAt(place) }, true)
    return page.resourceVersion
  }

  async function follow() {
    let resourceVersion: string | undefined
    let failures = 0
    let listedBefore = false
    while (!signal.aborted) {
      try {
        if (resourceVersion === undefined) {
          resourceVersion = await listAll()
          resolveSynced()
          if (listedBefore) options.onGap()
          listedBefore = true
        }
        const query = { ...kind, resourceVersion, bookmarkSeconds: 60, signal }
        for await (const { type, object } of options.objects.watch(query)) {
          failures = 0
          resourceVersion = object.metadata.resourceVersion ?? resourceVersion
          if (type !== 'BOOKMARK') deliver(object, type === 'DELETED')
        }
        failures += 1
      } catch (error) {
        if (signal.aborted) break
        failures += 1
        if (hasReason(error, 'Expired')) resourceVersion = undefined
        else if (failures === 1) options.log.warn({ err: error, ...kind }, 'watch interrupted')
      }
      await pause(backOffMilliseconds(failures, options.random(), backOff), clock, signal)
    }
    resolveSynced()
  }

  return { synced, ended: follow() }
}

/** `{namespace}/{name}`, or `/{name}`. */
function placeOf({ metadata: { namespace = '', name } }: KubeObject): string {
  return `${namespace}/${name}`
}

function metadataAt(place: string): { readonly name: string; readonly namespace?: string } {
  const slash = place.indexOf('/')
  const [namespace, name] = [place.slice(0, slash), place.slice(slash + 1)]
  return namespace === '' ? { name } : { name, namespace }
}
