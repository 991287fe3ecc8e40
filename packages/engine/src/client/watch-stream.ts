import { StatusError } from '@pulse/api'
import type { WatchEvent } from '../objects.ts'
import type { Connection, Exchange } from './connection.ts'
import { parseEvent } from './received.ts'

/**
 * The events after a version. A server ends every watch after some time: it is then taken up again where it was, so
 * that only the signal, a 410 or a broken connection ends it.
 */
export async function* watchStream(
  connection: Connection,
  request: Exchange,
  { since, signal }: { readonly since: string; readonly signal: AbortSignal },
): AsyncGenerator<WatchEvent, void> {
  let version = since
  while (!signal.aborted) {
    const query = { ...request.query, watch: 'true', resourceVersion: version }
    try {
      for await (const line of lines(await connection.stream({ ...request, query, signal }))) {
        const event = parseEvent(line)
        version = event.object.metadata.resourceVersion ?? version
        yield event
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof StatusError) throw error
      throw new StatusError('ServiceUnavailable', 'the watch broke off', {}, { cause: error })
    }
  }
}

async function* lines(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
}
