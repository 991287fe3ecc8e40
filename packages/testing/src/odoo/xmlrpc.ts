import { isRecord } from './json-rpc.ts'

export interface MethodCall {
  readonly method: string
  readonly parameters: readonly unknown[]
}

/** The request is not XML-RPC, or uses what is not taken from strangers (document types, entities). */
export class XmlRpcError extends Error {
  override name = 'XmlRpcError'
}

/** Reads one `methodCall`. */
export function parseMethodCall(xml: string): MethodCall {
  if (/<!(DOCTYPE|ENTITY)/i.test(xml)) throw new XmlRpcError('a document type is not accepted')
  const reader = createReader(xml)
  reader.open('methodCall')
  reader.open('methodName')
  const method = reader.text()
  reader.close('methodName')
  const parameters: unknown[] = []
  if (reader.takes('params')) {
    while (reader.takes('param')) {
      parameters.push(readValue(reader))
      reader.close('param')
    }
    reader.close('params')
  }
  return { method, parameters }
}

export function makeResponse(value: unknown): string {
  return `<?xml version="1.0"?>\n<methodResponse>\n<params>\n<param>\n${makeValue(value)}\n</param>\n</params>\n</methodResponse>\n`
}

export function makeFault(code: number | string, message: string): string {
  const fault = makeValue({ faultCode: code, faultString: message })
  return `<?xml version="1.0"?>\n<methodResponse>\n<fault>\n${fault}\n</fault>\n</methodResponse>\n`
}

type Reader = ReturnType<typeof createReader>

function createReader(xml: string) {
  const tokens = [...xml.matchAll(/<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([\w.]+)\s*(\/?)>|([^<]+)/g)]
    .filter(([token]) => !token.startsWith('<?') && !token.startsWith('<!--'))
    .map(([, closing, name, empty, text]) => ({
      name: name ?? '',
      kind: name === undefined ? 'text' : closing ? 'close' : empty ? 'empty' : 'open',
      text: text ?? '',
    }))
  let at = 0
  const skipSpace = () => {
    while (tokens[at]?.kind === 'text' && tokens[at]?.text.trim() === '') at += 1
  }
  const takes = (name: string, kind = 'open'): boolean => {
    skipSpace()
    const found = tokens[at]?.kind === kind && tokens[at]?.name === name
    if (found) at += 1
    return found
  }
  const must = (name: string, kind: string) => {
    if (!takes(name, kind)) throw new XmlRpcError(`expected ${kind} ${name}`)
  }
  return {
    takes,
    open: (name: string) => must(name, 'open'),
    close: (name: string) => must(name, 'close'),
    /** The name of the next opening tag, taken; undefined where text follows. */
    tag(): { name: string; empty: boolean } | undefined {
      const mark = at
      skipSpace()
      const token = tokens[at]
      if (token?.kind === 'open' || token?.kind === 'empty') {
        at += 1
        return { name: token.name, empty: token.kind === 'empty' }
      }
      at = mark
      return undefined
    },
    text(): string {
      const token = tokens[at]
      if (token?.kind !== 'text') return ''
      at += 1
      return unescapeXml(token.text)
    },
  }
}

function readValue(reader: Reader): unknown {
  if (reader.takes('value', 'empty')) return ''
  reader.open('value')
  const tag = reader.tag()
  if (!tag) {
    const text = reader.text()
    reader.close('value')
    return text
  }
  const value = tag.empty ? emptyValue(tag.name) : readTyped(reader, tag.name)
  reader.close('value')
  return value
}

function emptyValue(type: string): unknown {
  if (type === 'nil') return false
  if (type === 'array' || type === 'data') return []
  return type === 'struct' ? {} : ''
}

function readTyped(reader: Reader, type: string): unknown {
  if (type === 'array') return readArray(reader)
  if (type === 'struct') return readStruct(reader)
  const text = reader.text()
  reader.close(type)
  if (['int', 'i4', 'i8', 'double'].includes(type)) return Number(text)
  if (type === 'boolean') return text.trim() === '1'
  if (type === 'nil') return false
  if (type === 'dateTime.iso8601') return isoDate(text)
  return text
}

function readArray(reader: Reader): unknown[] {
  const items: unknown[] = []
  if (!reader.takes('data', 'empty')) {
    reader.open('data')
    while (!reader.takes('data', 'close')) items.push(readValue(reader))
  }
  reader.close('array')
  return items
}

function readStruct(reader: Reader): Record<string, unknown> {
  const members: [string, unknown][] = []
  while (reader.takes('member')) {
    reader.open('name')
    const name = reader.text()
    reader.close('name')
    members.push([name, readValue(reader)])
    reader.close('member')
  }
  reader.close('struct')
  return Object.fromEntries(members)
}

function makeValue(value: unknown): string {
  return `<value>${makeTyped(value)}</value>`
}

function makeTyped(value: unknown): string {
  if (typeof value === 'boolean') return `<boolean>${value ? 1 : 0}</boolean>`
  if (typeof value === 'number') {
    return Number.isInteger(value) ? `<int>${value}</int>` : `<double>${value}</double>`
  }
  if (Array.isArray(value)) return `<array><data>${value.map(makeValue).join('')}</data></array>`
  if (isRecord(value)) {
    const members = Object.entries(value).map(
      ([name, member]) => `<member><name>${escapeXml(name)}</name>${makeValue(member)}</member>`,
    )
    return `<struct>${members.join('')}</struct>`
  }
  if (typeof value === 'string') return `<string>${escapeXml(value)}</string>`
  throw new TypeError('cannot marshal None unless allow_none is enabled')
}

function escapeXml(text: string): string {
  return text
    .replace(/[\p{Cc}--[\t\n\r]]/gv, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}

const entities: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
}

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16))
    if (decimal) return String.fromCodePoint(Number(decimal))
    return entities[name] ?? whole
  })
}

function isoDate(text: string): string {
  return text.replace(/^(\d{4})(\d\d)(\d\d)T/, '$1-$2-$3 ')
}
