import { isRecord, type KubeObject, StatusError } from '@pulse/api'
import type { ListResult, WatchEvent } from '../objects.ts'
import { statusError } from './status-answer.ts'

/** What comes over the wire, checked as far as everything that follows relies on it. */
export function parseObject(value: unknown): KubeObject {
  if (isObject(value)) return value
  throw new StatusError('InternalError', 'the API answered with something that is not an object')
}

export function isObject(value: unknown): value is KubeObject {
  return (
    isRecord(value) &&
    typeof value.apiVersion === 'string' &&
    typeof value.kind === 'string' &&
    isRecord(value.metadata)
  )
}

export function parseList(value: unknown): ListResult {
  const { metadata, items } = isRecord(value) ? value : {}
  if (!Array.isArray(items) || !isRecord(metadata)) {
    throw new StatusError('InternalError', 'the API answered with something that is not a list')
  }
  const { resourceVersion, continue: token, remainingItemCount } = metadata
  return {
    items: items.map(parseObject),
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '',
    ...(typeof token === 'string' && token !== '' && { continue: token }),
    ...(typeof remainingItemCount === 'number' && { remainingItemCount }),
  }
}

/** A line of a watch; the ERROR event is thrown as the refusal it tells. */
export function parseEvent(line: string): WatchEvent {
  const event: unknown = JSON.parse(line)
  const { type, object } = isRecord(event) ? event : {}
  if (type === 'ERROR') throw statusError(500, object)
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK') {
    return { type, object: parseObject(object) }
  }
  throw new StatusError('InternalError', `the API told an unknown event, ${String(type)}`)
}
