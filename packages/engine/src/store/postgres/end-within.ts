import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'

/** A server that is there answers a goodbye at once. */
const goodbyeMs = 2_000

/** Sessions that are ending: those of a server that does not answer are cut, since it might never do so. */
export async function endWithin(
  ended: Promise<void>,
  sessions: () => Iterable<pg.Client>,
): Promise<void> {
  const answered = new AbortController()
  const late = delay(goodbyeMs, undefined, { signal: answered.signal }).catch(() => undefined)
  await Promise.race([ended, late])
  answered.abort()
  for (const { connection } of sessions()) connection.stream.destroy()
  await ended
}
