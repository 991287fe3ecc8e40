import type { PrintColumn } from './kind.ts'
import { valueAt } from './record.ts'

interface FieldColumn {
  readonly name: string
  /** `spec.tier` */
  readonly path: string
  readonly description: string
  readonly wide?: boolean
  readonly type?: PrintColumn['type']
}

/** A column that shows one field. */
export function fieldColumn({ name, path, description, wide, type }: FieldColumn): PrintColumn {
  return {
    name,
    type: type ?? 'string',
    description,
    priority: wide ? 1 : 0,
    jsonPath: `.${path}`,
    cell: (object) => {
      const value = valueAt(object, path)
      return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? value
        : undefined
    },
  }
}
