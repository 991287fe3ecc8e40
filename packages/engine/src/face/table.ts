import type { KindDefinition, KubeObject, PrintColumn } from '@pulse/api'
import { ageOf } from './age.ts'

/** Which object goes with a row: by default its metadata, which is what kubectl needs for `-A` and `--show-labels`. */
export type IncludeObject = 'None' | 'Metadata' | 'Object'

export interface TableOptions {
  readonly includeObject: IncludeObject
  readonly now: Date
  /** Left out after the first event of a watch. */
  readonly withColumns: boolean
}

/** Objects of one kind as `meta.k8s.io/v1` Table, by the columns of the registry. */
export function makeTable(
  { columns }: KindDefinition,
  objects: readonly KubeObject[],
  metadata: Readonly<Record<string, unknown>>,
  { includeObject, now, withColumns }: TableOptions,
) {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: withColumns ? columns.map(columnDefinition) : [],
    rows: objects.map((object) => ({
      cells: columns.map((column) => cellOf(column, object, now)),
      ...(includeObject !== 'None' && {
        object: includeObject === 'Object' ? object : partialMetadata(object),
      }),
    })),
  }
}

/** The object's metadata alone. */
export function partialMetadata({ metadata }: KubeObject) {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
}

function columnDefinition({ name, type, description, priority }: PrintColumn, index: number) {
  return { name, type, format: index === 0 ? 'name' : '', description, priority }
}

function cellOf({ type, cell }: PrintColumn, object: KubeObject, now: Date) {
  const value = cell(object)
  // As Kubernetes' own printers: a date that never was is told, anything else is left empty.
  if (value === undefined) return type === 'date' ? '<none>' : null
  return type === 'date' ? ageOf(String(value), now) : value
}
