import { SaxesParser, type SaxesTagPlain } from 'saxes'

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
export function createDatabaseScan(database: string): DatabaseScan {
  const decoder = new TextDecoder('utf-8', { fatal: false })
  const parser = new SaxesParser({ xmlns: false, fragment: false })
  const verdict = createVerdict()
  let bytes = 0

  refuseOddities(parser, verdict.refuse)
  const call = createCallReader(database, verdict)
  const isDecided = () => verdict.result.verdict !== 'more'
  parser.on('text', call.read)
  parser.on('opentag', ({ name }: SaxesTagPlain) => call.open(name))
  parser.on('closetag', call.close)

  return {
    push(chunk) {
      if (isDecided()) return verdict.result
      bytes += chunk.byteLength
      const text = decoder.decode(chunk, { stream: true })
      for (const piece of piecesOf(text)) {
        parser.write(piece)
        if (isDecided()) return verdict.result
      }
      if (bytes > scanBytesMax) {
        verdict.refuse(`The database must be named within the first ${scanBytesMax / 1024} KiB.`)
      }
      return verdict.result
    },
    end() {
      verdict.refuse('The call ends before it names its database.')
      return verdict.result
    },
  }
}

/** So that little more is read than what the verdict needs, however much comes at once. */
const pieceLength = 1_024

function* piecesOf(text: string) {
  for (let at = 0; at < text.length; at += pieceLength) yield text.slice(at, at + pieceLength)
}

export interface DatabaseScan {
  /** Feeds a chunk; once a verdict has come it does not change. */
  push(chunk: Uint8Array): ScanResult
  /** The body has ended. */
  end(): ScanResult
}

/** The first one counts. */
interface Verdict {
  readonly result: ScanResult
  readonly allow: () => void
  readonly refuse: (reason: string) => void
}

function createVerdict(): Verdict {
  let result: ScanResult = more
  const decide = (verdict: ScanResult) => {
    if (result.verdict === 'more') result = verdict
  }
  return {
    get result() {
      return result
    },
    allow: () => decide({ verdict: 'allowed' }),
    refuse: (reason) => decide({ verdict: 'refused', reason }),
  }
}

/** What no ordinary call has, and parsers take in different ways. */
function refuseOddities(parser: SaxesParser, refuse: Verdict['refuse']) {
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding && !/^(utf-8|us-ascii|ascii|iso-8859-1|latin-?1)$/i.test(encoding)) {
      refuse(`The encoding ${encoding.slice(0, 20)} is not accepted: use UTF-8.`)
    }
  })
  parser.on('doctype', () => refuse('A document type is not accepted in an XML-RPC call.'))
  parser.on('processinginstruction', () => refuse('A processing instruction is not accepted.'))
  parser.on('error', () => refuse('The call is not well-formed XML.'))
  parser.on('cdata', () => refuse('A CDATA section is not accepted before the database is known.'))
}

/** Follows a call from element to element until its method and its first parameter tell. */
function createCallReader(database: string, verdict: Verdict) {
  const { allow, refuse } = verdict
  let method: string | undefined
  let text = ''
  let depth: readonly string[] = []

  /** The first parameter has come, or something in its place. */
  function closeParameter(path: string, name: string | undefined) {
    const isName = path === namePath || (name === 'value' && text !== '')
    if (isName && text === database) allow()
    else if (isName) refuse('The first parameter must be the database of this host.')
    else if (name === 'value' || name === 'param') {
      refuse('The first parameter must be the name of the database, as a string.')
    }
  }

  return {
    read(piece: string) {
      text += piece
    },
    /** After a verdict nothing is followed: how deep it goes is up to whoever wrote it. */
    open(name: string) {
      if (verdict.result.verdict !== 'more') return
      depth = [...depth, name]
      text = ''
      const problem = problemOf(depth.join('>'), name, method)
      if (problem !== undefined) refuse(problem)
    },
    close() {
      if (verdict.result.verdict !== 'more') return
      const path = depth.join('>')
      const name = depth.at(-1)
      depth = depth.slice(0, -1)
      if (path === methodPath) {
        method = text.trim()
        if (!databaseMethods.has(method) && !openMethods.has(method)) {
          refuse(`The method ${method.slice(0, 40)} is not served.`)
        }
      }
      closeParameter(path, name)
      if (path === 'methodCall') {
        if (method !== undefined && openMethods.has(method)) allow()
        else refuse('The database is missing.')
      }
      text = ''
    },
  }
}

/** Why an element may not begin there. */
function problemOf(path: string, name: string, method: string | undefined): string | undefined {
  if (!allowedPaths.has(path)) return `The element ${name.slice(0, 40)} is out of place.`
  if (path === methodPath && method !== undefined) return 'There are two method names.'
  if (path.startsWith('methodCall>params') && method === undefined) {
    return 'The method name must come first.'
  }
  if (path === 'methodCall>params>param' && method !== undefined && openMethods.has(method)) {
    return `The method ${method} takes no parameters.`
  }
  return undefined
}

const methodPath = 'methodCall>methodName'
/** Of a first parameter that says its type. */
const namePath = 'methodCall>params>param>value>string'

const allowedPaths = new Set([
  'methodCall',
  methodPath,
  'methodCall>params',
  'methodCall>params>param',
  'methodCall>params>param>value',
  namePath,
])
