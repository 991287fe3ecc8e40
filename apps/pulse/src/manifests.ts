import { isRecord, type KubeObject, recordOf } from '@pulse/api'
import Type from 'typebox'
import { Value } from 'typebox/value'
import { LineCounter, parseAllDocuments } from 'yaml'
import { CommandError, exitCodes } from './exit.ts'
import { offsetOf } from './field-offset.ts'

const objectSchema = Type.Object({
  apiVersion: Type.String({ minLength: 1 }),
  kind: Type.String({ minLength: 1 }),
  metadata: Type.Object({ name: Type.String({ minLength: 1 }) }),
})
const listSchema = Type.Object({ kind: Type.Literal('List'), items: Type.Array(Type.Unknown()) })

/** An object as a file describes it. */
export interface Manifest {
  readonly object: KubeObject
  /** Of a field as causes name it, `spec.aliases[1]`. */
  placeOf(field: string): Place
}

/** A line of a file, as people count. */
export interface Place {
  readonly source: string
  readonly line: number
}

/** Reads the objects of a YAML or JSON text. A mistake is told with the file, the line and the column. */
export function parseManifests(text: string, source: string): Manifest[] {
  const lineCounter = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter, prettyErrors: true, uniqueKeys: true })
  const problems: string[] = []
  const manifests: Manifest[] = []
  for (const document of documents) {
    const { contents, errors } = document
    for (const error of errors) {
      const { line, col } = lineCounter.linePos(error.pos[0])
      problems.push([`${source}:${line}:${col}: ${ruleOf(error)}`, ...frameOf(error)].join('\n'))
    }
    if (errors.length > 0 || contents === null) continue
    const start = contents.range[0]
    const { line, col } = lineCounter.linePos(start)
    const read = objectsIn(document.toJS({ maxAliasCount: 100 }))
    problems.push(...read.mistakes.map((mistake) => `${source}:${line}:${col}: ${mistake}`))
    for (const { object, path } of read.objects) {
      const offset = (field: string) => offsetOf(contents, [...path, field].join('.')) ?? start
      const placeOf = (field: string) => ({ source, line: lineCounter.linePos(offset(field)).line })
      manifests.push({ object, placeOf })
    }
  }
  if (problems.length > 0) throw new CommandError(problems.join('\n'), exitCodes.usage)
  if (manifests.length === 0) throw new CommandError(`${source}: no objects in it`, exitCodes.usage)
  return manifests
}

/** What is wrong, without the place: that stands before it. */
function ruleOf({ message }: Error): string {
  const [rule = ''] = message.split('\n', 1)
  return rule.replace(/ at line \d+, column \d+:?$/, '')
}

/** The line of the text, and marks below what is wrong in it. */
function frameOf({ message }: Error): readonly string[] {
  const [, ...frame] = message.split('\n')
  return frame.filter((line) => line.trim() !== '').map((line) => `  ${line}`)
}

interface Read {
  /** `path` leads to those of a List: `items[0]`. */
  readonly objects: readonly { readonly object: KubeObject; readonly path: readonly string[] }[]
  readonly mistakes: readonly string[]
}

/** One object, or all those of a List; the path says which item of it. */
function objectsIn(value: unknown, path: readonly string[] = []): Read {
  if (Value.Check(listSchema, value)) {
    const items = value.items.map((item, index) => objectsIn(item, [...path, `items[${index}]`]))
    return {
      objects: items.flatMap(({ objects }) => objects),
      mistakes: items.flatMap(({ mistakes }) => mistakes),
    }
  }
  if (Value.Check(objectSchema, value)) return { objects: [{ object: value, path }], mistakes: [] }
  return { objects: [], mistakes: [[...path, mistakeOf(value)].join(': ')] }
}

/** The first thing that keeps a value from being an object of the API. */
function mistakeOf(value: unknown): string {
  if (!isRecord(value)) return 'an object with apiVersion, kind and metadata is expected'
  for (const field of ['apiVersion', 'kind']) {
    if (value[field] === undefined || value[field] === '') return `${field} is missing`
    if (typeof value[field] !== 'string') return `${field} must be a text`
  }
  const metadata = recordOf(value.metadata)
  if (metadata.name !== undefined) return 'metadata.name must be a text that is not empty'
  return metadata.generateName === undefined
    ? 'metadata.name is missing'
    : 'metadata.generateName: is for kubectl create; here an object is found again by its metadata.name'
}
