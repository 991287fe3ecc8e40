import { isRecord } from '@pulse/api'
import type { Seen } from './story.suite.ts'

/** What another row answered, changed. */
export const changed = (seen: Seen, title: string, more: Readonly<Record<string, unknown>>) => {
  const body = seen.body(title)
  const { metadata = {}, ...rest } = more
  if (!isRecord(body) || !isRecord(body.metadata) || !isRecord(metadata)) return more
  return { ...body, ...rest, metadata: { ...body.metadata, ...metadata } }
}
