import type { PrintColumn } from './kind.ts'
import type { KubeObject } from './object.ts'
import { isRecord, listAt } from './record.ts'

/** The status of a condition: True, False, Unknown, or empty while nobody has written it. */
export function conditionStatus(object: KubeObject, type: string): string | undefined {
  const condition = listAt(object, 'status.conditions').find(
    (item) => isRecord(item) && item.type === type,
  )
  return isRecord(condition) && typeof condition.status === 'string' ? condition.status : undefined
}

function conditionColumn(type: string, description: string): PrintColumn {
  return {
    name: type,
    type: 'string',
    description,
    priority: 0,
    jsonPath: `.status.conditions[?(@.type=='${type}')].status`,
    cell: (object) => conditionStatus(object, type),
  }
}

/** The two that every composite has, as Crossplane shows them. */
export const syncedColumn = conditionColumn('Synced', 'Whether the last pass carried out the spec.')
export const readyColumn = conditionColumn('Ready', 'Whether all that was asked for is there.')
