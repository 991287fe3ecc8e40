import { type KubeObject, plainLine, recordOf, textAt } from '@pulse/api'
import type { ShownWarning } from './schema.ts'

/** Events of type Warning of the last hour, those that say the same together, the newest first. */
export function groupWarnings(events: readonly KubeObject[], now: Date): readonly ShownWarning[] {
  const since = new Date(now.getTime() - 3_600_000).toISOString()
  const newestFirst = events
    .filter((event) => event.type === 'Warning' && seenOf(event) >= since)
    .toSorted((a, b) => seenOf(b).localeCompare(seenOf(a)))
  const groups = new Map<string, ShownWarning>()
  const subjects = new Map<string, Set<string>>()
  for (const event of newestFirst) {
    const kind = textAt(event, 'involvedObject.kind') ?? ''
    const reason = String(event.reason ?? '')
    const key = `${reason}/${kind}`
    const known = subjects.get(key) ?? new Set()
    subjects.set(key, known.add(textAt(event, 'involvedObject.uid') ?? ''))
    const first = groups.get(key)
    groups.set(key, {
      ...{ reason, kind, lastSeen: seenOf(event), object: placeOf(event) },
      message: plainLine(String(event.message ?? '')),
      ...first,
      count: (first?.count ?? 0) + Number(recordOf(event).count ?? 1),
      objects: known.size,
    })
  }
  return [...groups.values()]
}

function seenOf({ lastTimestamp, metadata }: KubeObject): string {
  return String(lastTimestamp ?? metadata.creationTimestamp ?? '')
}

function placeOf(event: KubeObject): string {
  const namespace = textAt(event, 'involvedObject.namespace')
  const name = textAt(event, 'involvedObject.name') ?? ''
  return namespace === undefined ? name : `${namespace}/${name}`
}
