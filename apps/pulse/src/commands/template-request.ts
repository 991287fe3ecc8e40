import { isDeepStrictEqual } from 'node:util'
import {
  apiVersion,
  type Edition,
  hasReason,
  type KubeObject,
  type OdooMajor,
  retryAnnotation,
  templateSnapshotName,
} from '@pulse/api'
import { retryOf } from '@pulse/compositions'
import type { Objects } from '@pulse/engine'
import { findCondition } from './conditions.ts'

export const templateKind = { apiVersion, kind: 'TemplateSnapshot' } as const

export interface TemplateRequest {
  readonly edition: Edition
  readonly major: OdooMajor
  readonly dump: string
  readonly filestore?: string | undefined
  /** Tells one content of these files from another. */
  readonly rev: string
}

const fieldManager = 'pulse-template'
const maxAttempts = 5

/**
 * Asks for a template made from a dump, whatever it was made from before: its spec becomes the request's as a whole,
 * since a source has either a dump or an installation. The same request again is another attempt if the last failed.
 */
export async function requestTemplate(
  objects: Pick<Objects, 'get' | 'create' | 'update'>,
  request: TemplateRequest,
): Promise<KubeObject> {
  const { edition, major, rev, dump, filestore } = request
  const name = templateSnapshotName(edition, major)
  const source = filestore === undefined ? { dump } : { dump, filestore }
  const spec = { edition, odooVersion: major, rev, source }
  for (let attempt = 1; ; attempt += 1) {
    const before = await objects.get({ ...templateKind, name })
    try {
      if (before === undefined) {
        return await objects.create({ ...templateKind, metadata: { name }, spec }, { fieldManager })
      }
      const isSame = isDeepStrictEqual(before.spec, { modules: [], ...spec })
      if (isSame && findCondition(before, 'DatabaseReady')?.reason !== 'BuildFailed') return before
      const metadata = isSame ? withRetry(before) : before.metadata
      return await objects.update({ ...before, metadata, spec }, { fieldManager })
    } catch (error) {
      // Somebody else wrote in between: look again.
      const isRace = hasReason(error, 'Conflict') || hasReason(error, 'AlreadyExists')
      if (!isRace || attempt === maxAttempts) throw error
    }
  }
}

function withRetry(before: KubeObject): KubeObject['metadata'] {
  const { metadata } = before
  const annotations = { ...metadata.annotations, [retryAnnotation]: String(retryOf(before) + 1) }
  return { ...metadata, annotations }
}
