import { StatusError } from '@pulse/api'

/** How an object is asked for: its encoding, and whole, as a table, or as metadata alone. */
export interface Form {
  readonly encoding: 'json' | 'yaml'
  readonly as: 'Object' | 'Table' | 'PartialObjectMetadata'
}

interface MediaType {
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
}

const encodings: Readonly<Record<string, Form['encoding']>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/*': 'json',
  '*/*': 'json',
}

/** Both `as=PartialObjectMetadata` and its list say the same: the resource decides which one comes. */
const shapes: Readonly<Record<string, Form['as']>> = {
  Table: 'Table',
  PartialObjectMetadata: 'PartialObjectMetadata',
  PartialObjectMetadataList: 'PartialObjectMetadata',
}

/** The first form of an Accept header that can be given, or 406. */
export function formOf(accept: string | undefined): Form {
  for (const mediaType of parseAccept(accept)) {
    const form = formOfType(mediaType)
    if (form) return form
  }
  throw new StatusError(
    'NotAcceptable',
    'only the following media types are accepted: application/json, application/yaml',
  )
}

/** Whether aggregated discovery (apidiscovery.k8s.io/v2) is preferred to the older documents. */
export function wantsAggregatedDiscovery(accept: string | undefined): boolean {
  for (const { type, parameters } of parseAccept(accept)) {
    if (encodings[type] !== 'json') continue
    const as = parameters.get('as')
    if (as === undefined) return false
    const isOurs =
      as === 'APIGroupDiscoveryList' &&
      parameters.get('g') === 'apidiscovery.k8s.io' &&
      parameters.get('v') === 'v2'
    if (isOurs) return true
  }
  return false
}

function formOfType({ type, parameters }: MediaType): Form | undefined {
  const encoding = encodings[type]
  if (encoding === undefined) return undefined
  const as = parameters.get('as')
  if (as === undefined) return { encoding, as: 'Object' }
  const shape = shapes[as]
  const isOurs = parameters.get('g') === 'meta.k8s.io' && parameters.get('v') === 'v1'
  return shape !== undefined && isOurs ? { encoding, as: shape } : undefined
}

function parseAccept(accept: string | undefined): readonly MediaType[] {
  if (accept === undefined || accept.trim() === '') return [{ type: '*/*', parameters: new Map() }]
  return accept
    .split(',')
    .map(parseMediaType)
    .filter(({ parameters }) => qualityOf(parameters) > 0)
    .toSorted((a, b) => qualityOf(b.parameters) - qualityOf(a.parameters))
}

function parseMediaType(text: string): MediaType {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim())
  const parameters = rest.map((part): [string, string] => {
    const [name = '', value = ''] = part.split('=')
    return [name.toLowerCase(), value.replace(/^"|"$/g, '')]
  })
  return { type: type.toLowerCase(), parameters: new Map(parameters) }
}

function qualityOf(parameters: ReadonlyMap<string, string>): number {
  const quality = Number(parameters.get('q') ?? 1)
  return Number.isFinite(quality) ? quality : 1
}
