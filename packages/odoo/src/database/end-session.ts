import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'

/** A server that is there answers a goodbye at once. */
const goodbyeMs = 2_000

/** Ends a session in order; that of a server that does not answer is cut, since it might never do so. */
export async function endSession(client: pg.Client): Promise<void> {
  const answered = new AbortController()
  const late = delay(goodbyeMs, undefined, { signal: answered.signal }).catch(() => undefined)
  await Promise.race([client.end(), late])
  answered.abort()
  client.connection.stream.destroy()
}
