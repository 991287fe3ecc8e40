import type { IncomingMessage } from 'node:http'
import { StatusError } from '@pulse/api'
import { LineCounter, parseDocument } from 'yaml'
import { badRequest } from '../store/refusals.ts'
import { protobufType } from './protobuf.ts'

/** As etcd and the API server of a cluster bound a request. */
const maxBodyBytes = 3 * 1024 * 1024
const maxDepth = 200

/** Reads a whole body, or refuses it as soon as it is known to be too large. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > maxBodyBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function tooLarge() {
  return new StatusError(
    'RequestEntityTooLarge',
    `Request entity too large: limit is ${maxBodyBytes}`,
  )
}

const parsers: Readonly<Record<string, (text: string) => unknown>> = {
  'application/json': parseJson,
  'application/json-patch+json': parseJson,
  'application/merge-patch+json': parseJson,
  'application/strategic-merge-patch+json': parseJson,
  'application/yaml': parseYaml,
  'application/apply-patch+yaml': parseYaml,
}

/** The media type of a body, bare of its parameters; one that is not accepted is a 415. */
export function mediaTypeOf(contentType: string | undefined, accepted: readonly string[]): string {
  const type = (contentType ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? ''
  if (accepted.includes(type)) return type
  throw new StatusError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}${hintFor(type)}`,
  )
}

/** kubectl sends protobuf for the kinds that are built into it, unless a file is applied. */
function hintFor(type: string): string {
  if (type !== protobufType) return ''
  return '; with kubectl, use apply -f: create … --dry-run=client -o yaml | kubectl apply -f -'
}

/** Parses a body; a mistake is a 400 that says where it is. */
export function parseBody(body: Buffer, mediaType: string): unknown {
  const parse = parsers[mediaType]
  if (!parse) throw new StatusError('UnsupportedMediaType', `cannot read ${mediaType}`)
  if (body.length === 0) throw badRequest('the body of the request is empty')
  const value = parse(decodeText(body))
  refuseDepth(value)
  return value
}

function decodeText(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw badRequest('the body of the request is not UTF-8')
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : ''
    const position = / at position (\d+)/.exec(reason)?.[1]
    const { line, column } = placeOf(text, position === undefined ? text.length : Number(position))
    const why = reason.replace(/ (in JSON )?at position .*$/s, '').replace(/, "[\s\S]*$/, '')
    throw badRequest(`cannot read the body as JSON: line ${line}, column ${column}: ${why}`)
  }
}

function placeOf(text: string, position: number) {
  const before = text.slice(0, position).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

function parseYaml(text: string): unknown {
  // kubectl sends JSON under the name of YAML; the JSON parser is many times faster.
  if (/^\s*\{/.test(text)) {
    try {
      return JSON.parse(text)
    } catch {
      // Flow style YAML begins the same way.
    }
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [problem] = document.errors
  if (!problem) return yamlValue(document)
  const { line, col } = lines.linePos(problem.pos[0])
  throw badRequest(`cannot read the body as YAML: line ${line}, column ${col}: ${problem.message}`)
}

function yamlValue(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch {
    throw badRequest('cannot read the body as YAML: its aliases cannot be resolved')
  }
}

/** Deep nesting costs a sender nothing and would exhaust the stack of whoever walks it. */
function refuseDepth(value: unknown): void {
  let level = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) throw badRequest(`the body is nested deeper than ${maxDepth} levels`)
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null ? Object.values(item) : [],
    )
  }
}
