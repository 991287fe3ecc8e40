import { readFile } from 'node:fs/promises'
import type { Static } from 'typebox'
import Type from 'typebox'
import { parseJson } from '../installation/json-text.ts'
import { statePaths } from '../installation/state-directory.ts'
import { readRunning } from '../server/running.ts'

const wakeTimes = Type.Object({ count: Type.Number(), p50Ms: Type.Number(), p99Ms: Type.Number() })

/** What the gateway answers of one environment. */
const figures = Type.Object({
  state: Type.String(),
  since: Type.Number(),
  wakesToday: Type.Number(),
  awakeMsToday: Type.Number(),
  wakeTimes: Type.Optional(wakeTimes),
  wakeTimesFrom: Type.Optional(Type.Record(Type.String(), wakeTimes)),
})

export type ShownFigures = Static<typeof figures>

/** A description is worth having without them. */
const patienceMs = 2_000

/** How an environment slept and woke, as the running gateway has seen it; undefined when it does not tell. */
export async function readFigures(
  stateDir: string,
  environment: string,
  signal: AbortSignal,
): Promise<ShownFigures | undefined> {
  try {
    const running = await readRunning(stateDir)
    if (running?.metrics === undefined) return undefined
    const token = (await readFile(statePaths(stateDir).token, 'utf8')).trim()
    const answer = await fetch(`${running.metrics}/figures/${environment}`, {
      headers: { Authorization: `Bearer ${token}` },
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    })
    return answer.ok ? parseJson(figures, await answer.text()) : undefined
  } catch {
    return undefined
  }
}
