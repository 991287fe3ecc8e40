import { type KubeObject, plainLine, recordOf } from '@pulse/api'
import { informing } from '@pulse/compositions'
import type { Waiting } from './schema.ts'

/** Names of a group that are told; the rest is a number. */
const namesTold = 3

interface Unmet {
  readonly type: string
  readonly reason: string
  readonly message: string
}

/** What waits for what: objects that are not ready, grouped by the conditions that are not True. The largest group first. */
export function groupWaiting(objects: readonly KubeObject[]): readonly Waiting[] {
  const groups = new Map<string, Waiting>()
  for (const object of objects) {
    for (const { type, reason, message } of unmetOf(object)) {
      const key = `${object.kind}/${type}/${reason}`
      const { count = 0, names = [], ...known } = groups.get(key) ?? {}
      const { name } = object.metadata
      groups.set(key, {
        ...{ kind: object.kind, condition: type, reason, message },
        ...known,
        count: count + 1,
        names: names.length < namesTold ? [...names, name] : names,
      })
    }
  }
  return [...groups.values()].toSorted((a, b) => b.count - a.count)
}

/** Conditions that only inform hold nothing up. Where nothing else is told, `Ready` itself says why. */
function unmetOf({ metadata, status }: KubeObject): readonly Unmet[] {
  const { conditions } = recordOf(status)
  const told = (Array.isArray(conditions) ? conditions : []).map(recordOf)
  const unmet = told
    .filter(({ type, status: is }) => is !== 'True' && !informing.includes(String(type)))
    .map(({ type, reason, message }) => ({
      type: String(type),
      reason: String(reason),
      message: plainLine(String(message ?? '')),
    }))
  const causes = unmet.filter(({ type }) => type !== 'Ready')
  if (causes.length > 0 && metadata.deletionTimestamp === undefined) return causes
  if (unmet.length > 0) return unmet
  return [{ type: 'Ready', reason: 'Unknown', message: 'nothing was said of it yet' }]
}
