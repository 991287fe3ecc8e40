import { hasReason, type KubeObject } from '@pulse/api'
import { backOffMilliseconds } from './back-off.ts'
import { pause } from './pause.ts'
import type { KindRef, WatchSource, WatchSourceOptions } from './watch-source.ts'

/** An object that came, changed or (`gone`) went, and how it was before. */
export interface Change {
  readonly object: KubeObject
  readonly gone: boolean
  readonly previous: KubeObject | undefined
}

export interface ChangesOptions extends Omit<WatchSourceOptions, 'onChange' | 'onGap'> {
  readonly onChange: (change: Change) => void
  /** Changes may have been missed, of any object. */
  readonly onGap: () => void
}

const backOff = { firstMilliseconds: 50, longestMilliseconds: 10_000 }

/**
 * Tells what changes from now on in the objects of one kind, for as long as the signal lasts, through every failure of
 * the store. It remembers no object, however many there are; `synced` says from when on nothing is missed.
 */
export function followChanges(
  kind: KindRef,
  { objects, log, clock, random, signal, onChange, onGap }: ChangesOptions,
): WatchSource {
  const { promise: synced, resolve: resolveSynced } = Promise.withResolvers<void>()

  async function follow() {
    let resourceVersion: string | undefined
    let failures = 0
    let isFirst = true
    while (!signal.aborted) {
      try {
        if (resourceVersion === undefined) {
          ;({ resourceVersion } = await objects.list({ ...kind, limit: 1 }))
          resolveSynced()
          if (!isFirst) onGap()
          isFirst = false
        }
        const query = { ...kind, resourceVersion, bookmarkSeconds: 60, signal }
        for await (const { type, object, previous } of objects.watch(query)) {
          failures = 0
          resourceVersion = object.metadata.resourceVersion ?? resourceVersion
          if (type !== 'BOOKMARK') onChange({ object, gone: type === 'DELETED', previous })
        }
        failures += 1
      } catch (error) {
        if (signal.aborted) break
        failures += 1
        if (hasReason(error, 'Expired')) resourceVersion = undefined
        else if (failures === 1) log.warn({ err: error, ...kind }, 'watch interrupted')
      }
      await pause(backOffMilliseconds(failures, random(), backOff), clock, signal)
    }
    resolveSynced()
  }

  return { synced, ended: follow() }
}
