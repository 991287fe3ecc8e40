import type { ListType } from './kind.ts'

/**
 * How lists are merged that every object has. Source: the `+patchMergeKey`, `+patchStrategy`, `+listType` and
 * `+listMapKey` markers of k8s.io/apimachinery `meta/v1/types.go`.
 */
export const objectLists: Readonly<Record<string, ListType>> = {
  'metadata.ownerReferences': { type: 'map', keys: ['uid'], patchKey: 'uid' },
  'metadata.finalizers': { type: 'set' },
  'metadata.managedFields': { type: 'atomic' },
  'status.conditions': { type: 'map', keys: ['type'], patchKey: 'type' },
}
