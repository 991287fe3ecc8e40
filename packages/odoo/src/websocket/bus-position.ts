import { type Administration, withConnection } from '../database/administration.ts'

/** How many databases are asked at the same time; the others wait. */
const questionsMax = 8
const questionTimeoutMs = 5_000

/** Reads how far a tenant's bus has come: one question for all who ask for the same database at once. */
export function createBusPositions(
  administration: Administration,
): (hostname: string) => Promise<number | undefined> {
  const running = new Map<string, Promise<number | undefined>>()

  async function ask(database: string): Promise<number | undefined> {
    const signal = AbortSignal.timeout(questionTimeoutMs)
    return await withConnection(administration, { database, signal }, async (connection) => {
      // Not the sequence: an id that was drawn and never committed would be above all that Odoo knows.
      const [row] = await connection.query('SELECT COALESCE(max(id), 0) AS id FROM bus_bus')
      return row === undefined ? undefined : Number(row.id)
    })
  }

  return async (hostname) => {
    while (!running.has(hostname) && running.size >= questionsMax) {
      await Promise.allSettled([Promise.race(running.values())])
    }
    const asked = running.get(hostname)
    if (asked !== undefined) return await asked
    const question = ask(hostname).finally(() => running.delete(hostname))
    running.set(hostname, question)
    return await question
  }
}
