import { type KubeObject, plainLine, recordOf } from '@pulse/api'
import { informing } from '@pulse/compositions'
import type { Command } from 'commander'
import { stringify } from 'yaml'
import { renderTable } from '../terminal/table.ts'
import { conditionsOf, findCondition } from './conditions.ts'
import type { Cluster, CommandContext } from './context.ts'
import { type Crash, crashLines, readCrashes } from './crash-section.ts'
import { eventTable } from './event-table.ts'
import { environmentMeant, type LifeFacts, lifeLines, readLife } from './life-section.ts'
import { notFound } from './not-found.ts'
import { partsOf } from './parts.ts'
import { ageOf } from './print.ts'
import { type NamedResource, type ResourceFlags, withResources } from './with-resources.ts'

/** `pulse describe TYPE NAME…`: one resource in words, with its conditions and the events of all that it is made of. */
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
            context.out.write(`${await describeOne(resource, context)}\n`)
          },
        },
      )
    })
}

async function describeOne(
  { cluster, kind, ref, flags }: NamedResource<ResourceFlags>,
  context: CommandContext,
): Promise<string> {
  const object = await cluster.get(ref)
  if (!object) throw notFound(kind, ref.name)
  const told = [object, ...(await partsOf(cluster, object))]
  const events = await Promise.all(told.map((one) => eventsOf(cluster, one)))
  const config = await context.config(flags)
  const now = new Date()
  const meant = environmentMeant(object)
  const life = meant && (await readLife(cluster, meant, (name) => context.figures(config, name)))
  const crashes = meant === undefined ? [] : await readCrashes(cluster, meant, now)
  return describe(object, events.flat(), { now, life, crashes })
}

async function eventsOf(cluster: Cluster, { metadata }: KubeObject) {
  const { items } = await cluster.list({
    apiVersion: 'v1',
    kind: 'Event',
    fieldSelector: `involvedObject.uid=${metadata.uid}`,
    limit: 500,
  })
  return items
}

interface Circumstances {
  readonly now: Date
  readonly life: LifeFacts | undefined
  readonly crashes: readonly Crash[]
}

/** The text for one object and the events about it and its parts. */
function describe(
  object: KubeObject,
  events: readonly KubeObject[],
  { now, life, crashes }: Circumstances,
): string {
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
    life === undefined ? '' : `Life:\n${indent(lifeLines(life, now).join('\n'))}`,
    crashes.length === 0 ? '' : `Crashes:\n${indent(crashLines(crashes, now).join('\n'))}`,
    conditionTable(object),
    remedyLine(object),
    eventSection(object, events, now),
  ]
    .filter((text) => text !== '')
    .join('\n')
}

function section(title: string, value: unknown): string {
  if (value === undefined || Object.keys(recordOf(value)).length === 0) return ''
  const lines = stringify(value, { lineWidth: 0 }).trimEnd().split('\n')
  return `${title}:\n${indent(lines.map(plainLine).join('\n'))}`
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

const runbook = 'docs/runbooks/not-ready.md'

/** Where it stands what to do about each reason; of our own kinds only, since the page is about them. */
function remedyLine(object: KubeObject): string {
  const ready = findCondition(object, 'Ready')
  if (!object.apiVersion.startsWith('planapulse.com/') || ready?.status !== 'False') return ''
  const causes = conditionsOf(object).filter(
    ({ type, status }) => status !== 'True' && type !== 'Ready' && !informing.includes(type),
  )
  const named = (causes.length === 0 ? [ready] : causes).map(
    ({ type, reason }) => `${type}=${reason}`,
  )
  return `What to do:   ${runbook}, ${named.join(', ')}`
}

function eventSection(object: KubeObject, events: readonly KubeObject[], now: Date): string {
  const table = eventTable(object, events, now)
  return table === '' ? 'Events:       <none>' : `Events:\n${indent(table)}`
}

function titleOf(field: string): string {
  return `${field[0]?.toUpperCase()}${field.slice(1)}`
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ')
}
