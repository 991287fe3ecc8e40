import type { KindDefinition, KubeObject, ObjectRef } from '@pulse/api'
import { stringify } from 'yaml'
import { renderTable } from '../terminal/table.ts'

export const outputFormats = ['table', 'wide', 'json', 'yaml', 'name'] as const
export type OutputFormat = (typeof outputFormats)[number]

export interface PrintOptions {
  readonly kind: KindDefinition
  readonly format: OutputFormat
  readonly now: Date
  /** Show the namespace too. */
  readonly withNamespace: boolean
  /** One object was asked for by its name. */
  readonly single: boolean
  readonly withHeaders?: boolean
  /** Show who has set which field, too: more than half of an object. */
  readonly withManagedFields?: boolean
}

/** Objects as a person or a program wants them. */
export function printObjects(objects: readonly KubeObject[], options: PrintOptions): string {
  const { format, single, kind } = options
  const whole = options.withManagedFields ? objects : objects.map(withoutManagedFields)
  const shown = single ? whole[0] : listOf(whole)
  if (format === 'json') return JSON.stringify(shown, undefined, 2)
  if (format === 'yaml') return stringify(shown, { lineWidth: 0 }).trimEnd()
  if (format === 'name') {
    const type = kind.group === '' ? kind.singular : `${kind.singular}.${kind.group}`
    return objects.map(({ metadata }) => `${type}/${metadata.name}`).join('\n')
  }
  return table(objects, options)
}

/** One object as it is, several as a List, as kubectl prints them. */
export function jsonOf(objects: readonly (KubeObject | ObjectRef)[]): string {
  const shown = objects.map((object) => (isWhole(object) ? withoutManagedFields(object) : object))
  return JSON.stringify(shown.length === 1 ? shown[0] : listOf(shown), undefined, 2)
}

function isWhole(object: KubeObject | ObjectRef): object is KubeObject {
  return 'metadata' in object
}

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _hidden, ...metadata } = object.metadata
  return { ...object, metadata }
}

function listOf(items: readonly unknown[]) {
  return { apiVersion: 'v1', kind: 'List', items }
}

function table(
  objects: readonly KubeObject[],
  { kind, format, now, withNamespace, withHeaders = true }: PrintOptions,
): string {
  const columns = kind.columns.filter(({ priority }) => priority === 0 || format === 'wide')
  const headers = columns.map(({ name }) => name.toUpperCase())
  const rows = objects.map((object) => [
    ...(withNamespace ? [object.metadata.namespace ?? ''] : []),
    ...columns.map(({ type, cell }) => cellText(type, cell(object), now)),
  ])
  const text = renderTable(withNamespace ? ['NAMESPACE', ...headers] : headers, rows)
  return withHeaders ? text : text.split('\n').slice(1).join('\n')
}

function cellText(type: string, value: string | number | boolean | undefined, now: Date): string {
  if (value === undefined || value === '') return '<none>'
  return type === 'date' ? ageOf(String(value), now) : String(value)
}

/** An age as kubectl shows it: two units while young, one when old. */
export function ageOf(timestamp: string, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(timestamp)) / 1000))
  if (Number.isNaN(seconds)) return '<unknown>'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  if (days < 8) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`
  return days < 730 ? `${days}d` : `${Math.floor(days / 365)}y`
}
