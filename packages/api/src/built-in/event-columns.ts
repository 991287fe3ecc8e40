import { fieldColumn } from '../field-column.ts'
import type { PrintColumn } from '../kind.ts'
import { nameColumn } from '../own-kind.ts'
import { textAt } from '../record.ts'

/** The columns of `kubectl get events`. */
export const eventColumns: readonly PrintColumn[] = [
  {
    name: 'Last Seen',
    type: 'date',
    description: 'Time since it happened last.',
    priority: 0,
    cell: (event) =>
      textAt(event, 'series.lastObservedTime') ??
      textAt(event, 'lastTimestamp') ??
      textAt(event, 'eventTime') ??
      event.metadata.creationTimestamp,
  },
  fieldColumn({ name: 'Type', path: 'type', description: 'Normal or Warning.' }),
  fieldColumn({ name: 'Reason', path: 'reason', description: 'Why, in one word.' }),
  {
    name: 'Object',
    type: 'string',
    description: 'What it happened to.',
    priority: 0,
    cell: (event) =>
      `${(textAt(event, 'involvedObject.kind') ?? '').toLowerCase()}/${textAt(event, 'involvedObject.name') ?? ''}`,
  },
  fieldColumn({
    name: 'Source',
    path: 'source.component',
    description: 'Who reported it.',
    wide: true,
  }),
  fieldColumn({ name: 'Message', path: 'message', description: 'What happened.' }),
  fieldColumn({
    name: 'Count',
    path: 'count',
    type: 'integer',
    description: 'How often.',
    wide: true,
  }),
  { ...nameColumn, priority: 1 },
]
