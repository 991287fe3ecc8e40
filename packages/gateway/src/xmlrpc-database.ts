import { type SaxesAttributeNS, SaxesParser } from 'saxes'

/** How much of a call may be read before its database is known. */
export const scanBytesMax = 64 * 1024

/** What is known of a call so far. */
export type ScanResult =
  | { readonly verdict: 'more' }
  | { readonly verdict: 'allowed' }
  | { readonly verdict: 'refused'; readonly reason: string }

/** Methods whose first parameter is the database. */
const databaseMethods = new Set(['authenticate', 'login', 'execute', 'execute_kw'])
/** Methods without a database; their call is read to its end, lest a second method name follows. */
const openMethods = new Set(['version', 'about'])

const more: ScanResult = { verdict: 'more' }

/**
 * Reads an XML-RPC call as its bytes arrive and says whether it speaks to the database of its host. Python's parser,
 * which reads it next, takes values outside `<param>` for parameters too; so anything but the plain order
 * methodCall > methodName, params > param > value is refused, as are document types and encodings that are not
 * supersets of ASCII: what two parsers could read differently must not pass.
 */
export function createDatabaseScan(database: string) {
  const decoder = new TextDecoder('utf-8', { fatal: false })
  const parser = new SaxesParser({ xmlns: false, fragment: false })
  let result: ScanResult = more
  let method: string | undefined
  let text = ''
  let depth: readonly string[] = []
  let bytes = 0

  const decide = (verdict: ScanResult) => {
    if (result.verdict === 'more') result = verdict
  }
  const refuse = (reason: string) => decide({ verdict: 'refused', reason })

  parser.on('xmldecl', ({ encoding }) => {
    if (encoding && !/^(utf-8|us-ascii|ascii|iso-8859-1|latin-?1)$/i.test(encoding)) {
      refuse(`The encoding ${encoding.slice(0, 20)} is not accepted: use UTF-8.`)
    }
  })
  parser.on('doctype', () => refuse('A document type is not accepted in an XML-RPC call.'))
  parser.on('processinginstruction', () => refuse('A processing instruction is not accepted.'))
  parser.on('error', () => refuse('The call is not well-formed XML.'))
  parser.on('text', (piece) => {
    text += piece
  })
  parser.on('cdata', () => refuse('A CDATA section is not accepted before the database is known.'))
  parser.on(
    'opentag',
    (tag: { name: string; attributes: Record<string, SaxesAttributeNS | string> }) => {
      depth = [...depth, tag.name]
      text = ''
      const path = depth.join('>')
      if (!allowedPaths.has(path)) refuse(`The element ${tag.name.slice(0, 40)} is out of place.`)
      if (path === 'methodCall>methodName' && method !== undefined)
        refuse('There are two method names.')
      if (path.startsWith('methodCall>params') && method === undefined) {
        refuse('The method name must come first.')
      }
      if (path === 'methodCall>params>param' && method !== undefined && openMethods.has(method)) {
        refuse(`The method ${method} takes no parameters.`)
      }
    },
  )
  parser.on('closetag', () => {
    const path = depth.join('>')
    const last = depth.at(-1)
    depth = depth.slice(0, -1)
    if (path === 'methodCall>methodName') {
      method = text.trim()
      if (!databaseMethods.has(method) && !openMethods.has(method)) {
        refuse(`The method ${method.slice(0, 40)} is not served.`)
      }
    }
    if (path === 'methodCall>params>param>value>string' || (last === 'value' && text !== '')) {
      decide(
        text === database
          ? { verdict: 'allowed' }
          : {
              verdict: 'refused',
              reason: 'The first parameter must be the database of this host.',
            },
      )
    } else if (last === 'value' || last === 'param') {
      refuse('The first parameter must be the name of the database, as a string.')
    }
    if (path === 'methodCall') {
      const open = method !== undefined && openMethods.has(method)
      decide(
        open ? { verdict: 'allowed' } : { verdict: 'refused', reason: 'The database is missing.' },
      )
    }
    text = ''
  })

  return {
    /** Feeds a chunk; once a verdict has come it does not change. */
    push(chunk: Uint8Array): ScanResult {
      if (result.verdict !== 'more') return result
      bytes += chunk.byteLength
      parser.write(decoder.decode(chunk, { stream: true }))
      if (result.verdict === 'more' && bytes > scanBytesMax) {
        refuse(`The database must be named within the first ${scanBytesMax / 1024} KiB.`)
      }
      return result
    },
    /** The body has ended. */
    end(): ScanResult {
      if (result.verdict === 'more') refuse('The call ends before it names its database.')
      return result
    },
  }
}

const allowedPaths = new Set([
  'methodCall',
  'methodCall>methodName',
  'methodCall>params',
  'methodCall>params>param',
  'methodCall>params>param>value',
  'methodCall>params>param>value>string',
])
