import { databaseFacts } from './database-facts.suite.ts'
import { fileFacts } from './file-facts.suite.ts'
import { objectFacts } from './object-facts.suite.ts'
import { systemFacts } from './system-facts.suite.ts'

/**
 * All that a Pulse has of its machine, a line each, with what every run makes up (ids, addresses, moments) taken out:
 * two runs that came to the same end have the same lines.
 */
export type Facts = readonly string[]

export async function readFacts(stateDir: string): Promise<Facts> {
  const database = await databaseFacts(stateDir)
  const facts = [
    ...database.facts,
    ...objectFacts(database.objects),
    ...(await systemFacts(stateDir)),
    ...(await fileFacts(stateDir, database.objects)),
  ]
  return facts.map(normalise).toSorted()
}

/** What of a Pulse that was ended is still there, besides what it keeps on its disk. */
export async function leftovers(stateDir: string): Promise<Facts> {
  const files = await fileFacts(stateDir, [])
  const facts = [
    ...(await systemFacts(stateDir)),
    ...files.filter((line) => /[: ]memory\b/.test(line)),
  ]
  return facts.map(normalise).toSorted()
}

/** What is there and should not be (`+`), and what should be there and is not (`-`). */
export function differences(found: Facts, wanted: Facts): readonly string[] {
  return [
    ...without(found, wanted).map((line) => `+ ${line}`),
    ...without(wanted, found).map((line) => `- ${line}`),
  ]
}

function without(lines: Facts, others: Facts): Facts {
  const counts = new Map<string, number>()
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1)
  return lines.filter((line) => {
    const count = counts.get(line) ?? 0
    counts.set(line, count - 1)
    return count <= 0
  })
}

function normalise(line: string): string {
  return line
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
    .replace(/\bkx[0-9a-z]{6}\b/g, 'NAME')
    .replace(/\b127\.\d+\.\d+\.\d+\b/g, 'ADDRESS')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/\b[0-9a-f]{8,64}\b/g, 'HASH')
}
