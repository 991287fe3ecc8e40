import { type KubeObject, recordOf } from '@pulse/api'
import type { Command } from 'commander'
import { stringify } from 'yaml'
import { renderTable } from '../terminal/table.ts'
import { conditionsOf } from './conditions.ts'
import type { CommandContext } from './context.ts'
import { notFound } from './not-found.ts'
import { ageOf } from './print.ts'
import { type NamedResource, type ResourceFlags, withResources } from './with-resources.ts'

/** `pulse describe TYPE NAME…`: one resource in words, with its conditions and events. */
export function addDescribe(program: Command, context: CommandContext) {
  program
    .command('describe <type> [names...]')
    .description('tell everything about a resource: conditions, events, spec')
    .option('-n, --namespace <name>', 'namespace of namespaced resources')
    .addHelpText(
      'after',
      `
Examples:
  pulse describe planaclient acme
  pulse describe pod worker-odoo-6c5d8-abcde -n plana-odoo-18`,
    )
    .action(async (type: string, names: string[], _flags: ResourceFlags, command: Command) => {
      await withResources<ResourceFlags, void>(
        context,
        { command, words: [type, ...names] },
        {
          async each(resource) {
            context.out.write(`${await describeOne(resource)}\n`)
          },
        },
      )
    })
}

async function describeOne({ cluster, kind, ref }: NamedResource<ResourceFlags>): Promise<string> {
  const object = await cluster.get(ref)
  if (!object) throw notFound(kind, ref.name)
  const { items } = await cluster.list({
    apiVersion: 'v1',
    kind: 'Event',
    fieldSelector: `involvedObject.uid=${object.metadata.uid}`,
    limit: 500,
  })
  return describe(object, items, new Date())
}

/** The text for one object and the events about it. */
export function describe(object: KubeObject, events: readonly KubeObject[], now: Date): string {
  const { metadata } = object
  const { conditions: _shownApart, ...status } = recordOf(object.status)
  return [
    `Name:         ${metadata.name}`,
    ...(metadata.namespace === undefined ? [] : [`Namespace:    ${metadata.namespace}`]),
    `Kind:         ${object.kind} (${object.apiVersion})`,
    `Age:          ${ageOf(metadata.creationTimestamp ?? '', now)}`,
    ...(metadata.deletionTimestamp === undefined
      ? []
      : [`Deleting:     since ${ageOf(metadata.deletionTimestamp, now)}`]),
    section('Labels', metadata.labels),
    section('Annotations', metadata.annotations),
    ...Object.entries(object)
      .filter(([field]) => !['apiVersion', 'kind', 'metadata', 'status'].includes(field))
      .map(([field, value]) => section(titleOf(field), hideSecrets(object, field, value))),
    section('Status', status),
    conditionTable(object),
    eventTable(events, now),
  ]
    .filter((text) => text !== '')
    .join('\n')
}

function section(title: string, value: unknown): string {
  if (value === undefined || Object.keys(recordOf(value)).length === 0) return ''
  return `${title}:\n${indent(stringify(value, { lineWidth: 0 }).trimEnd())}`
}

/** A description may be pasted anywhere: it tells the size of a secret, never its content. */
function hideSecrets(object: KubeObject, field: string, value: unknown): unknown {
  if (object.kind !== 'Secret' || !['data', 'stringData'].includes(field)) return value
  return Object.fromEntries(
    Object.entries(recordOf(value)).map(([key, encoded]) => [
      key,
      `${Buffer.from(String(encoded), 'base64').length} bytes`,
    ]),
  )
}

function conditionTable(object: KubeObject): string {
  const rows = conditionsOf(object).map(({ type, status, reason = '', message = '' }) => [
    type,
    status,
    reason,
    message,
  ])
  if (rows.length === 0) return ''
  return `Conditions:\n${indent(renderTable(['TYPE', 'STATUS', 'REASON', 'MESSAGE'], rows))}`
}

function eventTable(events: readonly KubeObject[], now: Date): string {
  const rows = events.map((event) => [
    String(event.type ?? ''),
    String(event.reason ?? ''),
    ageOf(String(event.lastTimestamp ?? event.metadata.creationTimestamp ?? ''), now),
    String(event.message ?? ''),
  ])
  if (rows.length === 0) return 'Events:       <none>'
  return `Events:\n${indent(renderTable(['TYPE', 'REASON', 'AGE', 'MESSAGE'], rows))}`
}

function titleOf(field: string): string {
  return `${field[0]?.toUpperCase()}${field.slice(1)}`
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ')
}
