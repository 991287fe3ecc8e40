import type { TenantReader } from '../database/tenant-reader.ts'

/** How many databases are asked at the same time; the others wait. */
const questionsMax = 8
const questionTimeoutMs = 5_000

/**
 * Not the sequence: an id that was drawn and never committed would be above all that Odoo knows. Whatever a tenant has
 * put in the place of its table, what comes is one number.
 */
const positionQuery =
  'SELECT coalesce((SELECT max(id) FROM public.bus_bus), 0)::pg_catalog.int8 AS id'

/** Reads how far a tenant's bus has come: one question for all who ask for the same database at once. */
export function createBusPositions(
  reader: TenantReader,
): (hostname: string) => Promise<number | undefined> {
  const running = new Map<string, Promise<number | undefined>>()

  async function ask(database: string): Promise<number | undefined> {
    const signal = AbortSignal.timeout(questionTimeoutMs)
    return await reader.read(database, signal, async (inside) => {
      const [row] = await inside.query(positionQuery)
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
