import type { KubeObject } from '@pulse/api'
import { LineCounter, parseAllDocuments } from 'yaml'
import { CommandError, exitCodes } from './exit.ts'

/** Reads the objects of a YAML or JSON text. A mistake is told with the file, the line and the column. */
export function parseManifests(text: string, source: string): KubeObject[] {
  const lineCounter = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter, prettyErrors: true, uniqueKeys: true })
  const problems: string[] = []
  const objects: KubeObject[] = []
  for (const document of documents) {
    for (const error of document.errors) {
      const { line, col } = lineCounter.linePos(error.pos[0])
      problems.push(`${source}:${line}:${col}: ${error.message.split('\n', 1)[0]}`)
    }
    if (document.errors.length > 0 || document.contents === null) continue
    const { line, col } = lineCounter.linePos(document.contents.range?.[0] ?? 0)
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    const missing = missingField(value)
    if (missing) problems.push(`${source}:${line}:${col}: ${missing}`)
    else if (isList(value)) objects.push(...value.items)
    else if (isObject(value)) objects.push(value)
  }
  if (problems.length > 0) throw new CommandError(problems.join('\n'), exitCodes.usage)
  if (objects.length === 0) throw new CommandError(`${source}: no objects in it`, exitCodes.usage)
  return objects
}

function missingField(value: unknown): string | undefined {
  if (isList(value)) return value.items.map(missingField).find((missing) => missing !== undefined)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return 'an object with apiVersion, kind and metadata is expected'
  }
  if (!('apiVersion' in value) || typeof value.apiVersion !== 'string')
    return 'apiVersion is missing'
  if (!('kind' in value) || typeof value.kind !== 'string') return 'kind is missing'
  if (!isObject(value)) return 'metadata.name is missing'
  return undefined
}

function isObject(value: unknown): value is KubeObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    'metadata' in value &&
    typeof value.metadata === 'object' &&
    value.metadata !== null &&
    (('name' in value.metadata && typeof value.metadata.name === 'string') ||
      'generateName' in value.metadata)
  )
}

function isList(value: unknown): value is { readonly items: KubeObject[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    value.kind === 'List' &&
    'items' in value &&
    Array.isArray(value.items)
  )
}
