import type { KubeObject } from '@pulse/api'
import { fingerprint } from '../fingerprint.ts'
import type { PodTemplate } from './kinds.ts'

const longestName = 63
const suffixLength = 10

export interface Slots {
  readonly owner: KubeObject
  readonly template: PodTemplate
  readonly labels?: Readonly<Record<string, string>>
  /** All pods of the owner that were seen, whatever their state. */
  readonly seen: readonly KubeObject[]
  readonly count: number
}

/**
 * Pods that the owner still lacks. A name follows from the pods that were seen: two passes over the same observation
 * name the same pods, and the second create is refused instead of making one too many.
 */
export function makePods({ owner, template, labels, seen, count }: Slots): readonly KubeObject[] {
  const known = seen.map(({ metadata }) => metadata.uid ?? metadata.name).sort()
  const { name, namespace, uid = '' } = owner.metadata
  const stem = name.slice(0, longestName - suffixLength - 1)
  const { apiVersion, kind } = owner
  const ownerReference = { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
  return Array.from({ length: Math.max(0, count) }, (_, slot) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${stem}-${fingerprint({ uid, known, slot }).slice(0, suffixLength)}`,
      ...(namespace !== undefined && { namespace }),
      labels: { ...template.metadata?.labels, ...labels },
      ...(template.metadata?.annotations && { annotations: template.metadata.annotations }),
      ownerReferences: [ownerReference],
    },
    spec: template.spec,
  }))
}
