import { type KubeObject, textAt } from '@pulse/api'
import { renderTable } from '../terminal/table.ts'
import { ageOf } from './print.ts'

const mostEvents = 50

/** Newest last, as they happened; those of other objects say whose they are. Empty when there are none. */
export function eventTable(object: KubeObject, events: readonly KubeObject[], now: Date): string {
  if (events.length === 0) return ''
  const isOwn = (event: KubeObject) => textAt(event, 'involvedObject.uid') === object.metadata.uid
  const withObject = !events.every(isOwn)
  const shown = events.toSorted((a, b) => timeOf(a).localeCompare(timeOf(b))).slice(-mostEvents)
  const rows = shown.map((event) => [
    String(event.type ?? ''),
    String(event.reason ?? ''),
    ageOf(timeOf(event), now),
    ...(withObject ? [subjectOf(event)] : []),
    String(event.message ?? ''),
  ])
  const headers = ['TYPE', 'REASON', 'AGE', ...(withObject ? ['OBJECT'] : []), 'MESSAGE']
  const older = events.length - shown.length
  return `${renderTable(headers, rows)}${older > 0 ? `\n(${older} older ones are left out)` : ''}`
}

function timeOf(event: KubeObject): string {
  return String(event.lastTimestamp ?? event.metadata.creationTimestamp ?? '')
}

function subjectOf(event: KubeObject): string {
  const kind = textAt(event, 'involvedObject.kind') ?? ''
  return `${kind.toLowerCase()}/${textAt(event, 'involvedObject.name') ?? ''}`
}
