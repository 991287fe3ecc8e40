import { isRecord } from '@pulse/api'
import { parse } from 'yaml'
import type { Reply } from './api.suite.ts'

/** What clients look at of an answer, with everything taken out that differs from run to run. */
export interface Outcome {
  readonly code: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: unknown
}

/** Headers that client-go, kubectl or a browser act on. */
const judgedHeaders = [
  'allow',
  'cache-control',
  'content-type',
  'etag',
  'location',
  'retry-after',
  'vary',
  'warning',
  'www-authenticate',
]

export function outcomeOf(
  reply: Reply,
  view: (body: unknown) => unknown = (body) => body,
): Outcome {
  const headers = judgedHeaders.flatMap((name) => {
    const value = reply.headers[name]
    return value === undefined ? [] : [[name, stableHeader(name, value)] as const]
  })
  return {
    code: reply.code,
    headers: Object.fromEntries(headers),
    body: stable(statusWithoutWords(view(parseReply(reply)))),
  }
}

/** JSON, YAML, or the events of a watch, one a line. */
export function parseReply({ headers, text }: Reply): unknown {
  const type = headers['content-type'] ?? ''
  if (text === '') return undefined
  if (type.startsWith('application/yaml')) return parse(text)
  // Kubernetes says of the index of OpenAPI documents that it is plain text.
  if (!type.startsWith('application/json') && !text.startsWith('{')) return text
  const lines = text.trimEnd().split('\n')
  const isWatch = lines.every((line) => line.startsWith('{"type":'))
  return isWatch ? lines.map((line) => JSON.parse(line)) : JSON.parse(text)
}

function stableHeader(name: string, value: string | readonly string[]): unknown {
  if (name === 'etag') return '<etag>'
  if (name === 'location') return String(value).replace(/hash=.*$/, 'hash=<hash>')
  return value
}

/** Programs read a refusal's reason, details and causes; its sentences are for people, and ours are our own. */
function statusWithoutWords(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(statusWithoutWords)
  if (!isRecord(body)) return body
  if (isRecord(body.object) && typeof body.type === 'string') {
    return { ...body, object: statusWithoutWords(body.object) }
  }
  if (body.kind !== 'Status' || body.status !== 'Failure') return body
  const { message, details, ...rest } = body
  return {
    ...rest,
    message: typeof message,
    ...(isRecord(details) &&
      Object.keys(details).length > 0 && { details: detailsWithoutWords(details) }),
  }
}

function detailsWithoutWords(details: Readonly<Record<string, unknown>>) {
  if (!Array.isArray(details.causes)) return details
  // With a broken schema a cluster also says that it did not look at further rules.
  const causes = details.causes
    .filter(({ field }, _, all) => field !== '<nil>' || all.length === 1)
    .map((cause) => ({ ...cause, message: typeof cause.message }))
  return { ...details, causes: causes.toSorted((a, b) => causeKey(a).localeCompare(causeKey(b))) }
}

function causeKey({ field, reason }: { readonly field?: string; readonly reason?: string }) {
  return `${field} ${reason}`
}

/** `.` says that an owner also made the map around its fields; who does not say so, owns no less. */
function withoutContainers(fields: unknown): unknown {
  if (!isRecord(fields)) return fields
  const entries = Object.entries(fields).filter(([name]) => name !== '.')
  return Object.fromEntries(entries.map(([name, child]) => [name, withoutContainers(child)]))
}

function byManager(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>) {
  const key = ({ operation, manager, subresource }: typeof a) =>
    `${operation} ${manager} ${subresource ?? ''}`
  return key(a).localeCompare(key(b))
}

/** By key: what every server counts or chooses for itself. */
const ownValues = new Set([
  'continue',
  'creationTimestamp',
  'deletionTimestamp',
  'remainingItemCount',
  'resourceVersion',
  'time',
  'uid',
])

function stable(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    // Within a second their order is that of the names, and that of their coming here.
    const items = key === 'managedFields' ? value.toSorted(byManager) : value
    return items.map((item) => stable(item))
  }
  if (isRecord(value) && key === 'fieldsV1') return withoutContainers(value)
  if (isRecord(value)) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name, item]) => name !== 'continue' || item !== '')
        .map(([name, item]) => [name, stable(item, name)]),
    )
  }
  if (ownValues.has(key) && (typeof value === 'string' ? value !== '' : value !== null)) {
    return key === 'remainingItemCount' ? value : `<${key}>`
  }
  return value
}
