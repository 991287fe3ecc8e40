import {
  hasReason,
  isRecord,
  type KubeObject,
  type ObjectMeta,
  type ObjectRef,
  StatusError,
} from '@pulse/api'
import type { Objects, WatchEvent } from '../../objects.ts'

export interface Harness {
  readonly objects: Objects
  /** The same resources as another process sees them; a store within one process gives itself. */
  readonly peer: Objects
  close(): Promise<void>
}

export interface HarnessOptions {
  readonly now?: () => Date
  readonly keptChanges?: number
}

export type CreateHarness = (options?: HarnessOptions) => Promise<Harness>

export const manager = { fieldManager: 'test' }

export function note(name: string, content: Record<string, unknown> = {}): KubeObject {
  const { metadata, ...rest } = content
  return {
    apiVersion: 'test.pulse/v1',
    kind: 'Note',
    metadata: { name, ...(isRecord(metadata) && metadata) },
    ...rest,
  }
}

export function widget(
  name: string,
  spec: Record<string, unknown> = {},
  metadata: Partial<ObjectMeta> = {},
): KubeObject {
  return {
    apiVersion: 'test.pulse/v1',
    kind: 'Widget',
    metadata: { name, namespace: 'default', ...metadata },
    spec,
  }
}

export function widgetRef(name: string, namespace = 'default'): ObjectRef {
  return { apiVersion: 'test.pulse/v1', kind: 'Widget', namespace, name }
}

export const widgets = { apiVersion: 'test.pulse/v1', kind: 'Widget' }
export const notes = { apiVersion: 'test.pulse/v1', kind: 'Note' }

export async function mustGet(objects: Objects, ref: ObjectRef): Promise<KubeObject> {
  const object = await objects.get(ref)
  if (object === undefined) throw new Error(`${ref.name} is missing`)
  return object
}

/** The refusal of a call that has to be refused. */
export async function refusalOf(call: Promise<unknown>): Promise<StatusError> {
  try {
    await call
  } catch (error) {
    if (error instanceof StatusError) return error
    throw error
  }
  throw new Error('was not refused')
}

export async function fieldsRefused(call: Promise<unknown>): Promise<string[]> {
  const { details } = await refusalOf(call)
  return (details.causes ?? []).map(({ field }) => field)
}

export async function isMissing(call: Promise<unknown>): Promise<boolean> {
  return hasReason(await refusalOf(call), 'NotFound')
}

/** The next events of a watch, as `TYPE name`; the iterator stays open for more. */
export async function takeEvents(
  iterator: AsyncIterator<WatchEvent>,
  count: number,
): Promise<WatchEvent[]> {
  const events: WatchEvent[] = []
  while (events.length < count) {
    const { value, done } = await iterator.next()
    if (done) throw new Error(`the watch ended after ${events.length} of ${count} events`)
    events.push(value)
  }
  return events
}

export function told(events: readonly WatchEvent[]): string[] {
  return events.map(({ type, object }) => `${type} ${object.metadata.name}`)
}
