import { readFile } from 'node:fs/promises'
import type { Static, TSchema } from 'typebox'
import { parseJson } from '../installation/json-text.ts'
import { statePaths } from '../installation/state-directory.ts'
import { readRunning } from '../server/running.ts'

export interface Question<Schema extends TSchema> {
  readonly path: string
  readonly schema: Schema
  /** Nobody waits longer for the answer. */
  readonly patienceMs: number
  readonly signal: AbortSignal
}

/** What the running server of a state directory answers beside its metrics; undefined when it does not tell. */
export async function askServer<Schema extends TSchema>(
  stateDir: string,
  { path, schema, patienceMs, signal }: Question<Schema>,
): Promise<Static<Schema> | undefined> {
  try {
    const running = await readRunning(stateDir)
    if (running?.metrics === undefined) return undefined
    const token = (await readFile(statePaths(stateDir).token, 'utf8')).trim()
    const answer = await fetch(`${running.metrics}${path}`, {
      headers: { Authorization: `Bearer ${token}` },
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    })
    return answer.ok ? parseJson(schema, await answer.text()) : undefined
  } catch {
    return undefined
  }
}
