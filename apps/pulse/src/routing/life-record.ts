import { isRecord, type KubeObject, lifeAnnotation, recordOf } from '@pulse/api'
import type { LifeRecord } from '@pulse/gateway'

const unwritten: LifeRecord = { generation: 0, state: 'up', words: [], since: 0 }

/**
 * The record of a Deployment. The number of replicas is the truth: somebody who scales by hand is believed, and what
 * stood there counts as the life before.
 */
export function readLifeRecord({ metadata, spec }: KubeObject): LifeRecord {
  const record = parse(metadata.annotations?.[lifeAnnotation])
  const isDown = recordOf(spec).replicas === 0
  if (isDown) return record.state === 'down' ? record : { ...record, state: 'down', words: [] }
  if (record.state !== 'down') return record
  const { wokenAt: _ofTheLifeBefore, ...before } = record
  return { ...before, state: 'up', generation: record.generation + 1, words: [] }
}

function parse(text: string | undefined): LifeRecord {
  if (text === undefined) return unwritten
  try {
    const value: unknown = JSON.parse(text)
    if (!isRecord(value)) return unwritten
    const { generation, state, words, since, wokenAt, isOrdered } = value
    if (!Number.isSafeInteger(generation) || typeof since !== 'number') return unwritten
    if (state !== 'up' && state !== 'draining' && state !== 'down') return unwritten
    if (!Array.isArray(words)) return unwritten
    return {
      generation: Number(generation),
      state,
      words: words.map(String),
      since,
      ...(typeof wokenAt === 'number' && { wokenAt }),
      ...(isOrdered === true && { isOrdered }),
    }
  } catch {
    return unwritten
  }
}

/** The merge patch that makes this record stand; `resourceVersion` makes it a compare-and-set. */
export function lifePatch(record: LifeRecord, resourceVersion: string) {
  return {
    metadata: { resourceVersion, annotations: { [lifeAnnotation]: JSON.stringify(record) } },
    spec: { replicas: record.state === 'down' ? 0 : 1 },
  }
}
