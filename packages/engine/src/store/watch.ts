import type { KubeObject } from '@pulse/api'
import type { WatchEvent } from '../objects.ts'
import type { Change, ChangeFeed } from './backend.ts'
import { copyJson } from './json.ts'
import { expired } from './refusals.ts'
import { matches, type Selector } from './selectors.ts'
import { createWatchBuffer } from './watch-buffer.ts'

export interface WatchScope {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  readonly selector: Selector
}

/**
 * Joins the log and the live feed without a gap: it listens from the moment it is called, reads what lies between
 * `after` and that moment from the log as fast as it is consumed, and then goes on with what was heard meanwhile.
 */
export function watchChanges(
  feed: ChangeFeed,
  scope: WatchScope,
  options: {
    readonly after: number | undefined
    readonly signal: AbortSignal
    readonly bookmarkSeconds: number | undefined
  },
): AsyncIterable<WatchEvent> {
  const joined = feed.position()
  const after = options.after ?? joined
  const buffer = createWatchBuffer()
  const unsubscribe = feed.subscribe({
    change(change) {
      const event = change.version > after ? eventOf(change, scope) : undefined
      if (event !== undefined) buffer.push(event)
    },
    expired: () => buffer.fail(expired()),
  })
  let isLive = false
  const bookmarks = startBookmarks(options.bookmarkSeconds, () => {
    if (isLive) buffer.pushBookmark(bookmarkOf(scope, Math.max(after, feed.position())))
  })
  const stop = () => {
    unsubscribe()
    clearInterval(bookmarks)
    options.signal.removeEventListener('abort', stop)
    buffer.end()
  }
  options.signal.addEventListener('abort', stop, { once: true })
  if (options.signal.aborted) stop()

  async function* events(): AsyncGenerator<WatchEvent, void> {
    try {
      if (after > joined && after > (await feed.newest())) throw expired()
      yield* backlog({ after, until: joined })
      isLive = true
      for await (const event of buffer) yield copyOf(event)
    } finally {
      stop()
    }
  }

  async function* backlog(range: { after: number; until: number }): AsyncGenerator<WatchEvent> {
    for (let position = range.after; position < range.until; ) {
      const changes = await feed.read({ ...scope, after: position, until: range.until })
      for (const change of changes) {
        if (options.signal.aborted) return
        buffer.throwFailure()
        const event = eventOf(change, scope)
        if (event !== undefined) yield copyOf(event)
      }
      const last = changes.at(-1)
      if (last === undefined) return
      position = last.version
    }
  }
  return events()
}

function copyOf({ type, object, previous }: WatchEvent): WatchEvent {
  return { type, object: copyJson(object), ...(previous && { previous }) }
}

/** What a change means to who sees only a part: leaving that part is a deletion, entering it a creation. */
function eventOf(change: Change, scope: WatchScope): WatchEvent | undefined {
  if (change.kind !== scope.kind || change.apiVersion !== scope.apiVersion) return undefined
  if (scope.namespace !== undefined && change.namespace !== scope.namespace) return undefined
  const { object, previous } = change
  const was = previous !== undefined && matches(scope.selector, previous)
  if (object !== undefined && matches(scope.selector, object)) {
    return { type: was ? 'MODIFIED' : 'ADDED', object, ...(previous && { previous }) }
  }
  if (!was) return undefined
  const resourceVersion = String(change.version)
  return {
    type: 'DELETED',
    object: { ...previous, metadata: { ...previous.metadata, resourceVersion } },
  }
}

function bookmarkOf({ apiVersion, kind }: WatchScope, version: number): KubeObject {
  return { apiVersion, kind, metadata: { name: '', resourceVersion: String(version) } }
}

function startBookmarks(seconds: number | undefined, mark: () => void) {
  if (seconds === undefined) return undefined
  const timer = setInterval(mark, seconds * 1000)
  timer.unref()
  return timer
}
