import { BodyTooLargeError, type Exchange } from './exchange.ts'

/** One field or file of a form; its content must be read before the next part is asked for. */
export interface Part {
  readonly name: string
  readonly fileName: string | undefined
  readonly type: string
  readonly content: AsyncIterable<Buffer>
}

/** Reads a multipart form as it arrives: a large file is never in memory as a whole. */
export async function* readParts(exchange: Exchange, limitBytes: number): AsyncGenerator<Part> {
  const boundary = boundaryOf(String(exchange.headers['content-type'] ?? ''))
  if (boundary === undefined) return
  const source = createSource(exchange.body, limitBytes)
  const delimiter = Buffer.from(`\r\n--${boundary}`)

  // The first delimiter has no line before it.
  source.prepend('\r\n')
  for await (const _preamble of source.until(delimiter));
  while (!(await source.startsWith('--')) && (await source.has(2))) {
    const head = await collect(source.until(blankLine))
    const content = source.until(delimiter)
    yield { ...describe(head.toString('utf8')), content }
    for await (const _unread of content);
  }
}

/** CR LF CR LF */
const blankLine = Buffer.of(13, 10, 13, 10)

/** A small part as a whole. */
export async function collect(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of content) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function createSource(body: AsyncIterable<Buffer>, limitBytes: number) {
  const chunks = body[Symbol.asyncIterator]()
  let buffer = Buffer.alloc(0)
  let ended = false
  let sizeBytes = 0

  const pull = async (): Promise<void> => {
    const { value, done } = await chunks.next()
    if (done) {
      ended = true
      return
    }
    sizeBytes += value.length
    if (sizeBytes > limitBytes) throw new BodyTooLargeError(`more than ${limitBytes} bytes`)
    buffer = Buffer.concat([buffer, value])
  }
  const has = async (length: number): Promise<boolean> => {
    while (buffer.length < length && !ended) await pull()
    return buffer.length >= length
  }

  return {
    has,
    prepend(text: string) {
      buffer = Buffer.concat([Buffer.from(text), buffer])
    },
    async startsWith(text: string) {
      return (await has(text.length)) && buffer.subarray(0, text.length).toString() === text
    },
    /** Everything up to the mark, which is consumed but not part of the content. */
    async *until(mark: Buffer): AsyncGenerator<Buffer> {
      for (;;) {
        const at = buffer.indexOf(mark)
        if (at !== -1) {
          const last = buffer.subarray(0, at)
          buffer = buffer.subarray(at + mark.length)
          if (last.length > 0) yield last
          return
        }
        if (ended) throw new Error('the form ends before its last part')
        // What might be the beginning of the mark waits for the next chunk.
        const safe = Math.max(0, buffer.length - mark.length + 1)
        const part = buffer.subarray(0, safe)
        buffer = buffer.subarray(safe)
        if (part.length > 0) yield part
        await pull()
      }
    },
  }
}

function boundaryOf(contentType: string): string | undefined {
  if (!contentType.startsWith('multipart/form-data')) return undefined
  const match = /boundary=(?:"([^"]+)"|([^;]+))/.exec(contentType)
  return match?.[1] ?? match?.[2]
}

function describe(head: string) {
  const name = /\bname="([^"]*)"/.exec(head)?.[1] ?? ''
  const fileName = /filename="([^"]*)"/.exec(head)?.[1]
  const type = /content-type:\s*([^\s;]+)/i.exec(head)?.[1] ?? 'application/octet-stream'
  return { name, fileName, type }
}
